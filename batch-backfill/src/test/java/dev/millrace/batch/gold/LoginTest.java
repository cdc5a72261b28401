package dev.millrace.batch.gold;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

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
}
