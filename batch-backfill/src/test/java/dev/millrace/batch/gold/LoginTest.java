package dev.millrace.batch.gold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.batch.BatchException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginTest {

  private final Login login =
      new Login("jdbc:mariadb://db:3306/gold?connectTimeout=5", "gold", "s3cret");

  @Test
  void whatADriverSaysIsToldWithoutThePasswordAndWithoutWhatTheDriverWasTold() {
    SQLException talkative =
        new SQLException("s3cret is wrong for jdbc:mariadb://db:3306/gold?connectTimeout=5\nat x");

    assertThat(login.said(talkative)).isEqualTo("*** is wrong for jdbc:mariadb://db:3306/gold");
  }

  @Test
  void aLoginSaysWhereItLeadsAndNothingElse() {
    assertThat(login).hasToString("jdbc:mariadb://db:3306/gold");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:mariadb://gold:s3cret@db:3306/gold",
        "jdbc:mysql://db/gold?user=a&password=b",
        "jdbc:mysql://(host=db,user=a,password=b)/gold",
        "jdbc:mysql://address=(host=db)(password=b)/gold",
        "jdbc:oracle:thin:scott/tiger@//db:1521/gold",
        "jdbc:db2://db:50000/gold:user=a;password=b;",
        "jdbc:sqlserver://db;databaseName=gold;PWD=b",
        "jdbc:sqlserver://db;accessToken=b",
        "jdbc:postgresql://db/gold?sslpassword=b",
        "jdbc:mysql://db/gold?trustCertificateKeyStorePassword=b"
      })
  void aUrlWithASecretIsRefusedAndNotTold(String url) {
    assertThatThrownBy(() -> new Login(url, null, null))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("MILLRACE_JDBC_PASSWORD")
        .hasMessageNotContaining("db");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:mariadb://db:3306/gold",
        "jdbc:postgresql://db/gold?sslmode=require",
        "jdbc:sqlserver://db;databaseName=gold",
        "jdbc:h2:mem:gold",
        "jdbc:h2:file:/var/lib/gold"
      })
  void aUrlWithoutOneIsTaken(String url) {
    assertThat(new Login(url, "gold", "s3cret").toString()).startsWith("jdbc:").doesNotContain(";");
  }
}
