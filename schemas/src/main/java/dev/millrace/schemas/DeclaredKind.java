package dev.millrace.schemas;

import java.util.List;

/** What a YAML file declares; its first word says so. */
public enum DeclaredKind {
  /** First, because a feature set also says which source it has. */
  FEATURE_SET("feature_set"),
  SOURCE("source"),
  CONTRACT("contract");

  private final String key;

  DeclaredKind(String key) {
    this.key = key;
  }

  /**
   * @param file its name, for messages
   * @throws DeclarationException if the text declares nothing that is known, or is no YAML map
   */
  public static DeclaredKind of(String file, String yaml) {
    Declaration declaration = Declaration.parse(file, yaml);
    for (DeclaredKind kind : values()) {
      if (declaration.has(kind.key)) {
        return kind;
      }
    }
    throw new DeclarationException(
        List.of(
            new DeclarationException.Problem(
                file,
                1,
                "declares nothing; begin with 'source: NAME', 'contract: NAME' or 'feature_set: NAME'")));
  }
}
