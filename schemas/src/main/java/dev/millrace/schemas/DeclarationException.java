package dev.millrace.schemas;

import java.util.List;

/** A declaration that can't be used; tells every problem with its file, line and remedy. */
public final class DeclarationException extends RuntimeException {

  /**
   * One thing to mend.
   *
   * @param line from 1; 0 if the problem is the file as a whole
   */
  public record Problem(String file, int line, String message) {
    @Override
    public String toString() {
      return line == 0 ? file + ": " + message : file + ":" + line + ": " + message;
    }
  }

  private final transient List<Problem> problems;

  DeclarationException(List<Problem> problems) {
    super(String.join("\n", problems.stream().map(Problem::toString).toList()));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
