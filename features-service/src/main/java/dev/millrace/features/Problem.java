package dev.millrace.features;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** A request that has no answer; told as problem+json. */
final class Problem extends ErrorResponseException {

  private static final String RETRY_AFTER_SECONDS = "2";

  Problem(HttpStatus status, String title, String detail) {
    super(status, problem(status, title, detail), null);
  }

  /** 503, which says when to come again. */
  static Problem unavailable(String why) {
    Problem problem = new Problem(HttpStatus.SERVICE_UNAVAILABLE, "Not available now", why);
    problem.getHeaders().set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    return problem;
  }

  private static ProblemDetail problem(HttpStatus status, String title, String detail) {
    ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
    problem.setTitle(title);
    return problem;
  }
}
