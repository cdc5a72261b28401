package dev.millrace.batch.gold;

import dev.millrace.batch.BatchException;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a database is reached. Goes along to whoever writes rows; what it says of itself never has
 * the password.
 */
final class Login implements Serializable {

  private static final long serialVersionUID = 1;

  static final String PASSWORD = "MILLRACE_JDBC_PASSWORD";

  /** A name before the host, as drivers have it, or anything that a driver takes for a secret. */
  private static final Pattern SECRET =
      Pattern.compile(
          "//[^/?;]*@|:[^:/@]+/[^@/]*@|(password|passwd|pwd|secret|token)\\d*\\s*=",
          Pattern.CASE_INSENSITIVE);

  private final String url;
  private final @Nullable String user;
  private final @Nullable String password;

  /**
   * @throws BatchException if the URL has a password
   */
  Login(String url, @Nullable String user, @Nullable String password) {
    if (SECRET.matcher(url).find()) {
      throw new BatchException(
          "The URL of the database names who logs in, and whoever lists processes would see it. Give the user as --user and the password in the environment as "
              + PASSWORD
              + ".");
    }
    if (!url.toLowerCase(Locale.ROOT).startsWith("jdbc:")) {
      throw new BatchException(
          "The URL of a database starts with jdbc:, such as jdbc:mariadb://HOST:3306/DATABASE.");
    }
    this.url = url;
    this.user = user;
    this.password = password;
  }

  /**
   * A connection that commits when it is told to.
   *
   * @throws BatchException if there is none to be had
   */
  Connection open() {
    Properties properties = new Properties();
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    try {
      Connection connection = DriverManager.getConnection(url, properties);
      Dialect.of(connection).prepare(connection);
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      throw new BatchException(whyNot(e) + " It says: " + said(e));
    }
  }

  private String whyNot(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (state.startsWith("28")) {
      return "The database %s refuses %s. Check --user, and the password in the environment as %s."
          .formatted(
              this, user == null ? "whoever logs in without a name" : "user " + user, PASSWORD);
    }
    if (state.equals("08001") && String.valueOf(e.getMessage()).startsWith("No suitable driver")) {
      return "No driver for %s is on the class path. Put its jar into batch-backfill/target/lib, or beside the program."
          .formatted(this);
    }
    return "The database %s can't be reached. Check --jdbc, and that it runs.".formatted(this);
  }

  /** What a failure says, on one line. */
  String said(Throwable failure) {
    String said =
        String.valueOf(failure.getMessage() == null ? failure : failure.getMessage())
            .lines()
            .findFirst()
            .orElse("nothing")
            .replace(url, toString());
    return password == null || password.isEmpty() ? said : said.replace(password, "***");
  }

  /** Where it is, and nothing that a driver is told besides. */
  @Override
  public String toString() {
    return url.replaceAll("[?;,(].*", "");
  }
}
