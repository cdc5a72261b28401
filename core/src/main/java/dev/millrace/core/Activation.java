package dev.millrace.core;

import java.util.regex.Pattern;

/**
 * Makes an immutable artifact the one that decides, from its place on the activation log on.
 *
 * @param kind one of the constants below
 * @param name lower case letters, digits and dashes
 * @param version &gt;= 1
 * @param sha256 names the artifact's bytes: 64 lower-case hexadecimal digits
 * @param role one artifact of a kind and name is active in each; named like the others. A version
 *     of a feature set has a role of its own, so versions run beside each other
 * @param withdrawn from now on nothing is active in that role
 */
public record Activation(
    String kind, String name, int version, String sha256, String role, boolean withdrawn) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  public static final String SOURCE = "source";
  public static final String MODEL = "model";
  public static final String CONTRACT = "contract";
  public static final String REFERENCE = "reference";
  public static final String GEO = "geo";
  public static final String FEATURE_SET = "feature-set";

  /** The one that decides. */
  public static final String CHAMPION = "champion";

  public Activation {
    require(NAME.matcher(role).matches(), "role", role);
    require(NAME.matcher(kind).matches(), "kind", kind);
    require(NAME.matcher(name).matches(), "name", name);
    require(version >= 1, "version", version);
    require(SHA_256.matcher(sha256).matches(), "sha256", sha256);
  }

  /** Makes the artifact the one that decides; a feature set, one of those that do. */
  public Activation(String kind, String name, int version, String sha256) {
    this(kind, name, version, sha256, kind.equals(FEATURE_SET) ? "v" + version : CHAMPION, false);
  }

  /** The key on the activation log: {@code kind/name@version}. */
  public String key() {
    return kind + "/" + name + "@" + version;
  }

  private static void require(boolean holds, String what, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("Not a valid " + what + " of an activation: " + value);
    }
  }
}
