package dev.millrace.batch.gold;

import dev.millrace.batch.Lake;
import dev.millrace.batch.LakeOption;
import dev.millrace.batch.Sessions;
import dev.millrace.batch.Steps;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gold to a database. */
@Command(
    name = "publish-gold",
    description = {
      "Upserts the Gold tables into a database, as dw_*, each in one transaction.",
      "The password is read from the environment only: MILLRACE_JDBC_PASSWORD."
    },
    mixinStandardHelpOptions = true)
public final class PublishGoldCommand implements Callable<Integer> {

  @Mixin private LakeOption place = new LakeOption();

  @Option(
      names = "--jdbc",
      paramLabel = "URL",
      required = true,
      description = "The database, such as jdbc:mariadb://HOST:3306/DATABASE.")
  private String url = "";

  @Option(names = "--user", paramLabel = "NAME", description = "Who logs in.")
  private @Nullable String user;

  @Override
  public Integer call() throws IOException {
    Login login = new Login(url, user, System.getenv(Login.PASSWORD));
    try (SparkSession spark = Sessions.start("publish-gold")) {
      Steps steps = new Steps(System.out);
      Lake lake = new Lake(spark, place.uri());
      for (PublishGold.Published published :
          new PublishGold(lake, GoldTables.ALL_TABLES, login, steps).run()) {
        steps.say(
            String.format(
                Locale.ROOT,
                "%-20s %,12d rows of %s, version %d",
                published.table().published(),
                published.rows(),
                published.table().path(),
                published.version()));
      }
      return 0;
    }
  }
}
