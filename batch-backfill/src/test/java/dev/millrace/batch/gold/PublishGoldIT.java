package dev.millrace.batch.gold;

import static dev.millrace.batch.gold.Pieces.gold;
import static dev.millrace.batch.gold.Pieces.land;
import static dev.millrace.batch.gold.Pieces.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.batch.BatchException;
import dev.millrace.batch.Lake;
import dev.millrace.batch.Steps;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishGoldIT {

  private static final int EVENTS = 200;
  private static final List<GoldTable> SOME = List.of(GoldTables.USERS, GoldTables.ORDERS);

  @TempDir private static Path directory;
  private static MariaDb mariaDb;

  /** Gold of the first events. */
  private static Lake before;

  /** Gold of all events, added to that of the first. */
  private static Lake after;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "MariaDB comes along for x64 only");
    mariaDb = new MariaDb(directory.resolve("mariadb"));
    Lake served = Pieces.served(directory.resolve("served"), 5, EVENTS);
    before = Pieces.lake(directory.resolve("before"));
    land(served, before, 0, EVENTS / 2);
    gold(before, SOME);
    after = Pieces.lake(directory.resolve("after"));
    land(served, after, 0, EVENTS);
    gold(after, GoldTables.ALL_TABLES);
  }

  @AfterAll
  static void stop() throws Exception {
    if (mariaDb != null) {
      mariaDb.close();
    }
  }

  private static List<PublishGold.Published> publish(
      Lake lake, List<GoldTable> tables, Login login) {
    return new PublishGold(lake, tables, login, new Steps(System.out)).run();
  }

  /** What the database has, as the lake says it. */
  private static List<Map<String, Object>> published(Login login, GoldTable table)
      throws SQLException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (Connection connection = login.open();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select * from " + table.published())) {
      ResultSetMetaData columns = found.getMetaData();
      while (found.next()) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          String name = columns.getColumnName(i).toLowerCase(Locale.ROOT);
          Object value = found.getObject(i);
          if (value instanceof java.sql.Timestamp) {
            value = found.getObject(i, LocalDateTime.class).toInstant(ZoneOffset.UTC);
          } else if (value instanceof java.sql.Date) {
            value = found.getObject(i, java.time.LocalDate.class);
          }
          row.put(name, value);
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static void assertPublished(Login login, Lake lake, List<GoldTable> tables)
      throws SQLException {
    for (GoldTable table : tables) {
      assertThat(published(login, table))
          .as(table.published())
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(rows(lake, table));
    }
  }

  @Test
  void publishedTwiceItHasTheRowsOfGoldOnce() throws SQLException {
    Login login = mariaDb.login(mariaDb.database());

    publish(after, GoldTables.ALL_TABLES, login);
    List<PublishGold.Published> again = publish(after, GoldTables.ALL_TABLES, login);

    assertPublished(login, after, GoldTables.ALL_TABLES);
    assertThat(again)
        .extracting(PublishGold.Published::rows)
        .containsExactlyElementsOf(
            GoldTables.ALL_TABLES.stream().map(t -> (long) rows(after, t).size()).toList());
  }

  @Test
  void whatHasChangedSinceArrives() throws SQLException {
    Login login = mariaDb.login(mariaDb.database());
    publish(before, SOME, login);

    publish(after, SOME, login);

    assertThat(rows(before, GoldTables.ORDERS)).isNotEqualTo(rows(after, GoldTables.ORDERS));
    assertPublished(login, after, SOME);
  }

  /** An order that came with the later events, behind others that did. */
  private static Map<String, Object> lastNew() {
    List<Map<String, Object>> orders = rows(after, GoldTables.ORDERS);
    List<Object> old = rows(before, GoldTables.ORDERS).stream().map(PublishGoldIT::key).toList();
    List<Map<String, Object>> added =
        orders.stream().filter(order -> !old.contains(key(order))).toList();
    assertThat(added).hasSizeGreaterThan(1);
    return added.get(added.size() - 1);
  }

  private static Object key(Map<String, Object> order) {
    return List.of(order.get("user_id"), order.get("order_id"), order.get("currency"));
  }

  @Test
  void aFailureInTheMiddleLeavesTheRowsOfBeforeAndTheNextRunGoesOn() throws SQLException {
    String database = mariaDb.database();
    Login login = mariaDb.login(database);
    publish(before, SOME, login);
    Map<String, Object> refused = lastNew();
    mariaDb.execute(
        database,
        "alter table dw_orders add constraint no_more check (not (user_id = '%s' and order_id = '%s' and currency = '%s'))"
            .formatted(refused.get("user_id"), refused.get("order_id"), refused.get("currency")));

    assertThatThrownBy(() -> publish(after, SOME, login))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("dw_orders")
        .hasMessageContaining("as it was")
        .hasMessageContaining("no_more");
    List<Map<String, Object>> left = published(login, GoldTables.ORDERS);
    assertThat(left).containsExactlyInAnyOrderElementsOf(rows(before, GoldTables.ORDERS));
    assertPublished(login, after, List.of(GoldTables.USERS));

    mariaDb.execute(database, "alter table dw_orders drop constraint no_more");
    publish(after, SOME, login);
    assertPublished(login, after, SOME);
  }

  @Test
  void aValueThatDoesNotFitIsToldAndLeavesTheRowsOfBefore() throws SQLException {
    String database = mariaDb.database();
    Login login = mariaDb.login(database);
    publish(before, SOME, login);
    mariaDb.execute(database, "update dw_users set device_id = null");
    mariaDb.execute(database, "alter table dw_users modify device_id varchar(2)");
    List<Map<String, Object>> old = published(login, GoldTables.USERS);

    assertThatThrownBy(() -> publish(after, SOME, login))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("dw_users")
        .hasMessageContaining("device_id");
    assertThat(published(login, GoldTables.USERS)).isEqualTo(old);
  }

  @Test
  void whatAKilledRunLeftBesideTheTableIsNotPublished() throws SQLException {
    String database = mariaDb.database();
    Login login = mariaDb.login(database);
    mariaDb.execute(database, "create table dw_users_stage (nonsense int)");

    publish(after, List.of(GoldTables.USERS), login);

    assertPublished(login, after, List.of(GoldTables.USERS));
    assertThatThrownBy(() -> mariaDb.execute(database, "select 1 from dw_users_stage"))
        .hasMessageContaining("doesn't exist");
  }

  @Test
  void aWrongPasswordIsToldWithoutThePassword() throws SQLException {
    String database = mariaDb.database();
    Login login = new Login(mariaDb.url(database), MariaDb.USER, "wr0ng secret");

    assertThatThrownBy(() -> publish(after, SOME, login))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("refuses user gold")
        .hasMessageContaining(Login.PASSWORD)
        .hasMessageNotContaining("wr0ng secret")
        .hasNoCause();
  }

  @Test
  void aUrlWithAPasswordIsNotTaken() {
    for (String url :
        List.of(
            "jdbc:mariadb://gold:s3cret@db/gold",
            "jdbc:mariadb://db/gold?user=gold&password=s3cret",
            "jdbc:sqlserver://db;Password=s3cret")) {
      assertThatThrownBy(() -> new Login(url, null, null))
          .isInstanceOf(BatchException.class)
          .hasMessageContaining(Login.PASSWORD)
          .hasMessageNotContaining("s3cret");
    }
  }

  @Test
  void aDatabaseThatIsAwayIsTold() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Login login =
        new Login("jdbc:mariadb://127.0.0.1:" + port + "/gold?connectTimeout=2000", "gold", "x1y2");

    assertThatThrownBy(() -> publish(after, SOME, login))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("jdbc:mariadb://127.0.0.1:" + port + "/gold can't be reached")
        .hasMessageNotContaining("connectTimeout");
    assertThatThrownBy(() -> publish(after, SOME, new Login("jdbc:nobody://db/gold", null, null)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("No driver for jdbc:nobody://db/gold");
  }

  @Test
  void aTableOfThatNameWithOtherColumnsIsLeftAlone() throws SQLException {
    String database = mariaDb.database();
    Login login = mariaDb.login(database);
    mariaDb.execute(database, "create table dw_orders (id int primary key, total int)");

    assertThatThrownBy(() -> publish(after, SOME, login))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("dw_orders")
        .hasMessageContaining("[id, total]");
    assertThatThrownBy(() -> mariaDb.execute(database, "select 1 from dw_users"))
        .hasMessageContaining("doesn't exist");
    mariaDb.execute(database, "drop table dw_orders");
    publish(after, SOME, login);
    mariaDb.execute(database, "alter table dw_orders drop primary key");
    assertThatThrownBy(() -> publish(after, SOME, login))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("primary key []");
  }

  @Test
  void aDatabaseThatKnowsOnlyTheMergeOfTheStandardGetsTheSame() throws SQLException {
    Login login = new Login("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", null);

    publish(before, SOME, login);
    List<GoldTable> ofAllTypes =
        List.of(GoldTables.USERS, GoldTables.ORDERS, GoldTables.TIMES, GoldTables.CATEGORY_METRICS);
    publish(after, ofAllTypes, login);
    publish(after, SOME, login);

    assertPublished(login, after, ofAllTypes);
  }

  @Test
  void goldThatIsNotThereIsToldBeforeTheDatabaseIsAsked() {
    assertThatThrownBy(
            () ->
                publish(
                    before,
                    List.of(GoldTables.TIMES),
                    new Login("jdbc:mariadb://none.invalid/gold", null, null)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("gold/dim_time")
        .hasMessageContaining("Run gold first");
  }
}
