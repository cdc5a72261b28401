package dev.millrace.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.core.EventField;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.cleansing.FieldRule;
import dev.millrace.core.cleansing.Normaliser;
import dev.millrace.core.cleansing.PiiKeyName;
import dev.millrace.schemas.DeclarationException.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContractDeclarationTest {

  /** Six lines; what a test adds begins on line 7. */
  private static final String MINIMAL =
      """
      contract: shop
      version: 1
      fields:
        user_id: {required: true}
        event_time: {required: true}
        event_type: {required: true}
      """;

  private static Contract compile(String yaml) {
    return ContractDeclaration.compile("shop.yaml", yaml).contract();
  }

  private static Contract withAttribute(String rule) {
    return compile(MINIMAL + "attributes: {x: " + rule + "}\n");
  }

  private static List<String> problems(String yaml) {
    DeclarationException refusal =
        catchThrowableOfType(
            DeclarationException.class, () -> ContractDeclaration.compile("shop.yaml", yaml));
    assertThat(refusal).as("refusal of: %.200s", yaml).isNotNull();
    return refusal.problems().stream().map(Problem::toString).toList();
  }

  private static String shipped() {
    try {
      return Files.readString(Path.of("contracts", "user-activity.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theContractThatComesWithMillraceCompiles() {
    Contract contract = compile(shipped());

    assertThat(contract.name()).isEqualTo("user-activity");
    assertThat(contract.dedupHorizon()).isEqualTo(Duration.ofDays(7));
    assertThat(contract.maxFuture()).isEqualTo(Duration.ofMinutes(5));
    assertThat(contract.piiKey().id()).isEqualTo("local");
    assertThat(contract.fields().get(EventField.EMAIL).pii()).isEqualTo(FieldRule.Pii.TOKENIZE);
    assertThat(contract.checks()).hasSize(1);
    assertThat(contract.category()).isNotNull();
    assertThat(contract.geo()).isTrue();
  }

  @Test
  void whatIsNotDeclaredHasADefault() {
    Contract contract = compile(MINIMAL);

    assertThat(contract.longestText()).isEqualTo(8_192);
    assertThat(contract.dedupHorizon()).isEqualTo(Duration.ofDays(7));
    assertThat(contract.maxFuture()).isEqualTo(Duration.ofMinutes(5));
    assertThat(contract.maxIdsPerUser()).isEqualTo(100_000);
    assertThat(contract.sourceHorizons()).isEmpty();
    assertThat(contract.attributes()).isEmpty();
    assertThat(contract.checks()).isEmpty();
    assertThat(contract.category()).isNull();
    assertThat(contract.geo()).isFalse();
    assertThat(contract.piiKey()).isNull();
    assertThat(contract.fields()).hasSize(EventField.values().length);
  }

  @Test
  void everythingThatCanBeDeclaredArrivesInTheContract() {
    Contract contract =
        compile(
            """
            contract: shop
            version: 3
            max_future: 90s
            dedup_horizon: 24h
            source_horizons: {history: 3650d}
            max_ids_per_user: 1_000
            longest_text: 50
            pii_key: {id: k, check: 0123456789abcdef}
            fields:
              user_id: {required: true}
              event_time: {required: true, range: {max: "2030-01-01T00:00:00Z"}}
              event_type: {required: true, normalize: [trim, upper], enum: [VIEW, BUY]}
              phone: {normalize: [phone(DE)], pii: mask}
              email: {pii: tokenize}
              product_id: {reference: {set: products, unknown: flag}}
            attributes:
              rating: {type: number, range: {min: -0.5, max: 5}}
              shop: {required: true, length: {min: 2, max: 5}, pattern: "[a-z]+"}
              born: {normalize: ["date(Europe/Berlin)"]}
              clicks: {type: integer, default: 1_000, enum: [1, 1000]}
              tip_micros: {type: micros, outlier: {min: 0, z_score: 2.5, iqr: 3, after: 10}}
              vip: {type: boolean, default: false}
            checks:
              - {name: rated, field: rating, must: rating > 1.0, message: is bad}
            derive: {event_category: "event_type + '!'", geo: true}
            """);

    assertThat(contract.version()).isEqualTo(3);
    assertThat(contract.maxFuture()).isEqualTo(Duration.ofSeconds(90));
    assertThat(contract.dedupHorizon()).isEqualTo(Duration.ofDays(1));
    assertThat(contract.sourceHorizons()).containsEntry("history", Duration.ofDays(3_650));
    assertThat(contract.maxIdsPerUser()).isEqualTo(1_000);
    assertThat(contract.longestText()).isEqualTo(50);
    assertThat(contract.piiKey()).isEqualTo(new PiiKeyName("k", "0123456789abcdef"));
    assertThat(contract.fields().get(EventField.EVENT_TYPE).normalisers())
        .containsExactly(new Normaliser.Trim(), new Normaliser.UpperCase());
    assertThat(contract.fields().get(EventField.EVENT_TYPE).allowed())
        .containsExactlyInAnyOrder("VIEW", "BUY");
    assertThat(contract.fields().get(EventField.PHONE).pii()).isEqualTo(FieldRule.Pii.MASK);
    assertThat(contract.fields().get(EventField.PRODUCT_ID).reference())
        .isEqualTo(new FieldRule.Reference("products", false));
    assertThat(contract.attributes().get("born").normalisers())
        .containsExactly(new Normaliser.UtcTime(ZoneId.of("Europe/Berlin")));
    assertThat(contract.attributes().get("born").longest()).isEqualTo(50);
    assertThat(contract.attributes().get("shop").shortest()).isEqualTo(2);
    assertThat(contract.attributes().get("shop").longest()).isEqualTo(5);
    assertThat(contract.attributes().get("clicks").otherwise()).isEqualTo(1_000L);
    assertThat(contract.attributes().get("clicks").allowed()).containsExactlyInAnyOrder(1L, 1_000L);
    assertThat(contract.attributes().get("vip").otherwise()).isEqualTo(false);
    assertThat(contract.attributes().get("tip_micros").outlier().after()).isEqualTo(10);
    assertThat(contract.attributes().get("rating").range().contains(-0.5)).isTrue();
    assertThat(contract.attributes().get("rating").range().contains(5.5)).isFalse();
  }

  // The canonical form

  static Stream<String> otherSpellings() {
    return Stream.of(
        // other order, block style, comments, words for people
        """
        # why
        doc: what
        version: 1   # first
        attributes:
          n:
            range:
              max: 1_000_000.0
              min: 0.50
            default: 10
            type: number
          s: {enum: ["no", "007", "1.0", "2026-01-01"]}
        fields:
          event_type:
            required: true
          event_time: {required: true}
          user_id: {required: true}
        contract: shop
        """,
        // other numbers and quotes
        """
        contract: "shop"
        version: "1"
        fields:
          user_id: {required: "true"}
          event_time: {required: true}
          event_type: {required: true}
        attributes:
          n: {type: number, range: {min: "5e-1", max: 1e+6}, default: 1.0e1}
          s: {enum: [no, 007, 1.0, 2026-01-01]}
        """);
  }

  @ParameterizedTest
  @MethodSource("otherSpellings")
  void orderCommentsWordsAndSpellingDoNotChangeTheHash(String spelling) {
    String plain =
        MINIMAL
            + """
            attributes:
              n: {type: number, range: {min: 0.5, max: 1000000}, default: 10}
              s: {enum: ["no", "007", "1.0", "2026-01-01"]}
            """;

    assertThat(compile(spelling).sha256()).isEqualTo(compile(plain).sha256());
    assertThat(compile(spelling).attributes().get("s").allowed())
        .containsExactlyInAnyOrder("no", "007", "1.0", "2026-01-01");
  }

  @Test
  void aChangeOfMeaningChangesTheHash() {
    String contract = MINIMAL + "attributes: {s: {normalize: [trim, lower], length: {max: 5}}}\n";
    Stream<String> others =
        Stream.of(
            contract.replace("max: 5", "max: 6"),
            contract.replace("trim, lower", "lower, trim"),
            contract.replace("{s:", "{t:"),
            contract.replace("version: 1", "version: 2"),
            contract + "max_future: 5m\n");

    assertThat(Stream.concat(Stream.of(contract), others).map(yaml -> compile(yaml).sha256()))
        .doesNotHaveDuplicates()
        .allMatch(sha -> sha.matches("[0-9a-f]{64}"));
  }

  static Stream<String> contracts() {
    return Stream.of(
        shipped(),
        MINIMAL,
        MINIMAL + "attributes: {x: {enum: [yes, off, ~, 0x1F, 1_0, 12:30:00, .inf, 1e3]}}",
        MINIMAL + "attributes: {x: {default: 0123, pattern: \"\\\\d+|\\u2028\\x7f\\U0001F600\"}}",
        MINIMAL + "attributes: {\"größe\\u2029\": {type: number, range: {min: 0.0000001}}}",
        MINIMAL + "pii_key: {id: k, check: 00000123456789e9}",
        MINIMAL + "attributes: {x: {type: number, range: {min: -1e-30, max: 1e30}}}",
        MINIMAL + "checks: [{name: a, field: ip, must: \"ip != '\\\\u00e9'\", message: é\u2028}]");
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void theCanonicalFormIsTheSameContract(String yaml) {
    ContractDeclaration declared = ContractDeclaration.compile("shop.yaml", yaml);

    ContractDeclaration read = ContractDeclaration.of(declared.canonical());

    assertThat(read.canonical()).isEqualTo(declared.canonical());
    assertThat(read.contract()).usingRecursiveComparison().isEqualTo(declared.contract());
    assertThat(new String(declared.canonical(), UTF_8)).isPrintable().isASCII();
  }

  @Test
  void theHashIsThatOfTheArtifact() throws Exception {
    ContractDeclaration declared = ContractDeclaration.compile("shop.yaml", shipped());

    assertThat(declared.contract().sha256())
        .isEqualTo(
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(declared.canonical())));
  }

  // What is refused

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake(
            "contract: shop",
            "contract: Shop!",
            1,
            "a contract is named by lower case letters, digits and dashes"),
        mistake("contract: shop\n", "", 1, "'contract' is missing; add it"),
        mistake("contract: shop", "contract: [shop]", 1, "'contract' must be a text"),
        mistake("contract: shop", "contract: ' '", 1, "'contract' must be a text"),
        mistake(
            "version: 1", "version: 0", 2, "'version' must be a whole number from 1 on, not '0'"),
        mistake(
            "version: 1",
            "version: one",
            2,
            "'version' must be a whole number from 1 on, not 'one'"),
        mistake(
            "event_type: {required: true}",
            "event_type: {}",
            4,
            "no event is without event_type; write event_type: {required: true}"),
        mistake(
            "  event_type: {required: true}\n",
            "",
            4,
            "no event is without event_type; write event_type: {required: true}"),
        mistake(
            "event_type: {required: true}",
            "event_type: {required: yes}",
            6,
            "'required' must be true or false"),
        mistake(
            "event_type: {required: true}",
            "event_type: {required: true, default: x}",
            6,
            "give either 'required' or 'default': a default fills every gap"),
        mistake(
            "event_type: {required: true}",
            "event_type: 3",
            6,
            "'event_type' must be a map, such as {from: NAME}"),
        mistake(
            "user_id: {required: true}",
            "user_id: {required: true, normalize: [trim]}",
            4,
            "user_id can't be changed by a contract: it decides where and when an event belongs"),
        mistake(
            "user_id: {required: true}",
            "user_id: {required: true, pii: mask}",
            4,
            "user_id can't be changed by a contract: it decides where and when an event belongs"),
        field("event_id: {pii: mask}", "event_id names its event on every topic; no 'pii' for it"),
        field(
            "event_id: {default: x}",
            "event_id names its event on every topic; no 'default' for it"),
        field("price: {}", "'price' is no field of an event; declare it under 'attributes'"),
        field(
            "ip: {form: x}",
            "'form' is not known here; use one of [default, enum, length, normalize, outlier,"
                + " pattern, pii, range, reference, required]"),
        field("ip: {}\n  ip: {}", 8, "'ip' stands here twice; keep one"),
        added(
            "extra: 1",
            "'extra' is not known here; use one of [attributes, checks, contract, dedup_horizon,"
                + " derive, doc, fields, longest_text, max_future, max_ids_per_user, pii_key,"
                + " source_horizons, version]"),
        added("fields: {}", "'fields' stands here twice; keep one"),
        added("longest_text: 0", "'longest_text' must be a whole number from 1 on"),
        added("longest_text: many", "'longest_text' must be a number, not 'many'"),
        added("longest_text: 1e999999999", "'longest_text' must be a number, not '1e999999999'"),
        added(
            "max_ids_per_user: 100001",
            "'max_ids_per_user' is at most 100000: what is remembered of a user is one record on a changelog"),
        added("max_ids_per_user: 7", "'max_ids_per_user' must be a whole number from 8 on"),
        added("max_ids_per_user: 8.5", "'max_ids_per_user' must be a whole number from 8 on"),
        added("max_ids_per_user: 1e10", "'max_ids_per_user' must be a whole number from 8 on"),
        added(
            "max_future: 5 minutes",
            "'5 minutes' is no time span; write one like 30s, 5m, 24h or 7d"),
        added("dedup_horizon: 0s", "'dedup_horizon' must be longer than nothing"),
        added("source_horizons: {old: 0d}", "'old' must be longer than nothing"),
        added("source_horizons: 7d", "'source_horizons' must be a map"),
        added("attributes: [a]", "'attributes' must be a map"),
        added("checks: {}", "'checks' must be a list"),
        added("checks: [a]", "a map is expected here"),
        added("derive: []", "'derive' must be a map"),
        attribute(
            "{type: text}",
            "'text' can't stand here; use one of [string, integer, micros, number, boolean]"),
        attribute(
            "{type: time}",
            "'time' can't stand here; use one of [string, integer, micros, number, boolean]"),
        attribute("{type: micros}", "an attribute in micros says so: name it x_micros"),
        added("attributes: {ip: {}}", "'ip' is a field; declare it under 'fields'"),
        added(
            "attributes: {' ': {}}",
            "an attribute has a name of 1 to 127 characters, none of them a control character"),
        added(
            "attributes: {\"a\\tb\": {}}",
            "an attribute has a name of 1 to 127 characters, none of them a control character"),
        added("attributes: {? [a] : {}}", "a name is expected here, then a colon"),
        added("attributes: {<<: {}}", "'<<' merges nothing here; write the keys out"),
        attribute("{type: integer, normalize: [trim]}", "'normalize' is for texts, and x is none"),
        attribute("{type: integer, length: {max: 1}}", "'length' is for texts, and x is none"),
        attribute("{type: integer, pattern: x}", "'pattern' is for texts, and x is none"),
        attribute("{type: integer, pii: mask}", "'pii' is for texts, and x is none"),
        attribute(
            "{type: integer, reference: {set: s, unknown: flag}}",
            "'reference' is for texts, and x is none"),
        attribute("{type: integer, default: x}", "'default' must be a number, not 'x'"),
        attribute(
            "{type: integer, default: 1.5}",
            "'default' must be a whole number of 64 bits, not '1.5'"),
        attribute("{type: number, default: x}", "'default' must be a number, not 'x'"),
        attribute("{type: boolean, default: no}", "'default' must be true or false"),
        field("event_time: {default: now}", 7, "a time has no default"),
        attribute(
            "{default: abc, length: {max: 2}}",
            "the default breaks its own rule: it has more than 2 characters"),
        attribute(
            "{default: c, enum: [a, b]}", "the default breaks its own rule: it is none of [a, b]"),
        attribute(
            "{type: number, default: 7, range: {max: 5}}",
            "the default breaks its own rule: it must be at most 5"),
        attribute("{length: {min: 3, max: 2}}", "'min' must not be greater than 'max'"),
        attribute("{length: {min: -1}}", "'min' must be a whole number from 0 on"),
        attribute("{length: {least: 1}}", "'least' is not known here; use one of [max, min]"),
        attribute("{length: 5}", "'length' must be a map"),
        attribute("{normalize: trim}", "'normalize' must be a list"),
        attribute("{normalize: [[trim]]}", "a text is expected here"),
        attribute(
            "{normalize: [strip]}",
            "'strip' is no normaliser; use trim, lower, upper, nfc, email, phone(REGION) or"
                + " date(ZONE)"),
        attribute("{normalize: [phone]}", "a phone number needs its country; write phone(DE), say"),
        attribute(
            "{normalize: [phone(XX)]}",
            "No phone numbers are known of region XX; write a country such as DE"),
        attribute(
            "{normalize: [trim(x)]}",
            "'trim' takes nothing in brackets; only phone(REGION) and date(ZONE) do"),
        attribute(
            "{normalize: [date(Mars)]}",
            "'Mars' is no time zone; write one like Europe/Berlin or UTC"),
        attribute(
            "{pattern: '('}",
            "the pattern is none of RE2: error parsing regexp: missing closing ): `(`"),
        attribute(
            "{type: boolean, enum: [true]}", "'enum' is for texts and whole numbers; use 'range'"),
        attribute("{type: integer, enum: [a]}", "'a' is no whole number"),
        attribute("{enum: []}", "'enum' allows nothing; list the values"),
        attribute("{range: {max: 5}}", "'range' is for numbers and times"),
        attribute("{type: integer, range: {}}", "give 'min', 'max' or both"),
        attribute("{type: integer, range: {min: 2, max: 1}}", "min must not be greater than max"),
        attribute("{type: integer, range: {min: _}}", "'min' must be a number, not '_'"),
        mistake(
            "event_time: {required: true}",
            "event_time: {required: true, range: {min: 2000}}",
            5,
            "write a time like \"2026-01-01T00:00:00Z\", in quotes"),
        attribute("{pii: hide}", "'hide' can't stand here; use one of [tokenize, mask]"),
        attribute(
            "{pii: tokenize}",
            1,
            "'pii: tokenize' needs a key; name it: pii_key: {id: NAME, check: HEX}"),
        added(
            "pii_key: {id: A, check: 0123456789abcdef}",
            "a key is named by lower case letters, digits and dashes"),
        added(
            "pii_key: {id: a, check: abc}",
            "the check of a key is 16 hexadecimal digits, as the key itself gives it"),
        added("pii_key: {id: a}", "'check' is missing; add it"),
        attribute("{outlier: {max: 5}}", "outliers are told of whole numbers and micros"),
        attribute(
            "{type: integer, outlier: {}}", "say what is odd: 'min', 'max', 'z_score' or 'iqr'"),
        attribute("{type: integer, outlier: {z_score: 0}}", "'z_score' must be greater than 0"),
        attribute("{type: integer, outlier: {iqr: -1}}", "'iqr' must be greater than 0"),
        attribute(
            "{type: integer, outlier: {max: 1, after: 1}}",
            "'after' must be a whole number from 2 on"),
        attribute(
            "{reference: {set: S, unknown: flag}}",
            "a reference set is named by lower case letters, digits and dashes"),
        attribute(
            "{reference: {set: s, unknown: drop}}",
            "an unknown value is either: quarantine, or: flag"),
        attribute("{reference: {set: s}}", "'unknown' is missing; add it"),
        check(
            "name: A, field: ip, must: 'true', message: m",
            "a check is named by lower case letters, digits and underscores"),
        check(
            "name: a, field: nose, must: 'true', message: m",
            "'nose' is no field and no declared attribute"),
        check("name: a, field: ip, must: 'true'", "'message' is missing; add it"),
        check("name: a, field: ip, message: m", "'must' is missing; add it"),
        check(
            "name: a, field: ip, must: ip, message: m",
            "the expression gives string and must give true or false"),
        check(
            "name: a, field: ip, must: 'true', message: m}, {name: a, field: ip, must: 'true',"
                + " message: m",
            "two checks are named 'a'; name each once"),
        added(
            "derive: {event_category: 'quantity'}",
            "the expression gives int and must give a text"),
        added(
            "derive: {place: true}", "'place' is not known here; use one of [event_category, geo]"),
        added("derive: {geo: maybe}", "'geo' must be true or false"));
  }

  private static Arguments mistake(String right, String wrong, int line, String message) {
    assertThat(MINIMAL).contains(right);
    return arguments(wrong.strip(), MINIMAL.replace(right, wrong), line, message);
  }

  private static Arguments field(String rule, String message) {
    return field(rule, 7, message);
  }

  private static Arguments field(String rule, int line, String message) {
    return arguments(rule, MINIMAL + "  " + rule + "\n", line, message);
  }

  private static Arguments added(String line, String message) {
    return arguments(line, MINIMAL + line + "\n", 7, message);
  }

  private static Arguments attribute(String rule, String message) {
    return attribute(rule, 7, message);
  }

  private static Arguments attribute(String rule, int line, String message) {
    return arguments(rule, MINIMAL + "attributes: {x: " + rule + "}\n", line, message);
  }

  private static Arguments check(String check, String message) {
    return arguments(check, MINIMAL + "checks: [{" + check + "}]\n", 7, message);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void aMistakeIsToldWithFileLineAndRemedy(String wrong, String yaml, int line, String message) {
    assertThat(problems(yaml)).contains("shop.yaml:" + line + ": " + message);
  }

  @Test
  void aCategoryCantBePublishedFromWhatMustNotBeSeen() {
    assertThat(
            problems(
                MINIMAL
                    + "  email: {pii: mask}\nderive: {event_category: email}\n"
                    + "checks: [{name: a, field: email, must: email != 'x', message: m}]"))
        .singleElement()
        .asString()
        .startsWith("shop.yaml:8: column 1: undeclared reference to 'email', known are user_id,")
        .doesNotContain("phone, email");
  }

  @Test
  void aDerivedCategoryIsNamedByItsOwnColumnInTheExpression() {
    assertThat(problems(MINIMAL + "derive: {event_category: \"'a' + nose\"}\n"))
        .singleElement()
        .asString()
        .startsWith("shop.yaml:7: column 7: undeclared reference to 'nose', known are user_id");
  }

  @Test
  void allProblemsOfAFileAreToldAtOnce() {
    assertThat(
            problems(
                """
                contract: Shop
                version: none
                fields:
                  user_id: {required: true, default: x}
                  event_type: {required: true, length: {max: 0}}
                  nose: {}
                attributes:
                  a: {type: integer, pattern: x, enum: [b]}
                checks:
                  - {name: a, field: a, must: a > 'x', message: m}
                """))
        .hasSizeGreaterThanOrEqualTo(10)
        .anyMatch(problem -> problem.startsWith("shop.yaml:1: a contract is named"))
        .anyMatch(problem -> problem.startsWith("shop.yaml:2: 'version'"))
        .anyMatch(problem -> problem.contains("no event is without event_time"))
        .anyMatch(problem -> problem.startsWith("shop.yaml:4: give either"))
        .anyMatch(problem -> problem.startsWith("shop.yaml:5: 'max' must be"))
        .anyMatch(problem -> problem.startsWith("shop.yaml:6: 'nose' is no field"))
        .anyMatch(problem -> problem.startsWith("shop.yaml:8: 'pattern' is for texts"))
        .anyMatch(problem -> problem.startsWith("shop.yaml:8: 'b' is no whole number"))
        .anyMatch(problem -> problem.startsWith("shop.yaml:10: column 3: found no matching"));
  }

  @Test
  void theExceptionTellsEveryProblemOnALine() {
    assertThatThrownBy(
            () -> ContractDeclaration.compile("shop.yaml", MINIMAL + "extra: 1\nmore: 2\n"))
        .isInstanceOf(DeclarationException.class)
        .hasMessageContaining("shop.yaml:7: 'extra'")
        .hasMessageContaining("\nshop.yaml:8: 'more'");
  }

  // Hostile files

  static Stream<Arguments> hostile() {
    String minimal = MINIMAL;
    return Stream.of(
        arguments("nothing", ""),
        arguments("a comment", "# nothing"),
        arguments("a list", "- a\n- b"),
        arguments("a text", "contract"),
        arguments("two documents", minimal + "---\n" + minimal),
        arguments("unclosed", "contract: ["),
        arguments("a tab", minimal + "attributes:\n\tx: {}\n"),
        arguments("anchors", minimal + "attributes: {a: &r {required: true}, b: *r}\n"),
        arguments("anchors of anchors", "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"),
        arguments("an anchor of itself", "contract: &a [*a]\n"),
        arguments("an unknown anchor", "contract: *a\n"),
        arguments("merge keys", "x: &x {a: 1}\ny: {<<: *x}\n"),
        arguments("a duplicate key", minimal + "version: 2\n"),
        arguments("a map as a key", "{a: b}: c\n"),
        arguments("a list as a key", "? [a]\n: c\n"),
        arguments("a map as an attribute's name", minimal + "attributes:\n  ? {a: b}\n  : {}\n"),
        arguments("deep lists", "contract: " + "[".repeat(100_000)),
        arguments("deep maps", "{a: ".repeat(100_000)),
        arguments("deep blocks", "- ".repeat(50_000) + "x"),
        arguments("10 MB of text", "contract: " + "x".repeat(10_000_000)),
        arguments("10 MB of digits", "version: " + "9".repeat(10_000_000)),
        arguments("many digits", minimal + "longest_text: " + "9".repeat(900_000)),
        arguments("many zeros", minimal + "longest_text: 1." + "0".repeat(900_000)),
        arguments("many keys", manyKeys()),
        arguments("a giant exponent", minimal + "longest_text: 1e2147483647\n"),
        arguments(
            "a giant bound",
            minimal + "attributes: {n: {type: number, range: {max: 1e999999999}}}"),
        arguments("a giant span", minimal + "max_future: 99999999999999999999d\n"),
        arguments("a type", "!!java.net.URL [\"http://127.0.0.1\"]"),
        arguments("a typed value", minimal + "doc: !!javax.script.ScriptEngineManager [x]\nx: 1\n"),
        arguments("NUL", "contract: \0\n"),
        arguments("half a character", "contract: \ud800\n"),
        arguments("a character beyond Unicode", "contract: \"\\U00110000\"\n"),
        arguments("a bad escape", "contract: \"\\uZZZZ\"\n"),
        arguments("a version that is none", "%YAML 99999999999.1\n---\na: b\n"),
        arguments("an unknown directive", "%NOSE\n---\na: b\n"),
        arguments("a bad tag", "contract: !<%zz> x\n"),
        arguments(
            "a pattern without end",
            minimal + "attributes: {x: {pattern: '((((((((((a{1000}){1000}){1000}'}}"),
        arguments(
            "a big pattern", minimal + "attributes: {x: {pattern: '((a{1000}){1000}){1000}'}}"),
        arguments(
            "a deep pattern",
            minimal
                + "attributes: {x: {pattern: '"
                + "(".repeat(100_000)
                + ")".repeat(100_000)
                + "'}}"),
        arguments(
            "a long expression",
            minimal
                + "checks: [{name: a, field: ip, message: m, must: \"1"
                + " + 1".repeat(100_000)
                + " == 2\"}]"),
        arguments(
            "a deep expression",
            minimal
                + "checks: [{name: a, field: ip, message: m, must: \""
                + "(".repeat(2_000)
                + "true"
                + ")".repeat(2_000)
                + "\"}]"),
        arguments(
            "an expression of signs",
            minimal
                + "checks: [{name: a, field: ip, message: m, must: \""
                + "-".repeat(4_000)
                + "1\"}]"),
        arguments(
            "an expression of half a string",
            minimal + "checks: [{name: a, field: ip, message: m, must: \"'\"}]"),
        arguments(
            "an expression of a wrong regexp",
            minimal + "checks: [{name: a, field: ip, message: m, must: \"ip.matches('(')\"}]"));
  }

  private static String manyKeys() {
    StringBuilder yaml = new StringBuilder(MINIMAL);
    for (int i = 0; i < 20_000; i++) {
      yaml.append("k").append(i).append(": 1\n");
    }
    return yaml.toString();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  @Timeout(20)
  void aHostileFileIsRefusedLikeAnyOther(String name, String yaml) {
    assertThat(problems(yaml)).isNotEmpty().allMatch(problem -> problem.startsWith("shop.yaml"));
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  /** A contract with a few characters changed is a contract, or refused, and nothing else. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverIsTypedIsAContractOrRefused(long seed) {
    Random random = new Random(seed);
    StringBuilder yaml = new StringBuilder(shipped());
    String typed = "{}[]:,#&*!|>'\"%@`-? \n\t0123e.~<_\\u\u0085\ufeff";
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      int at = random.nextInt(yaml.length());
      if (random.nextBoolean()) {
        yaml.deleteCharAt(at);
      } else {
        yaml.insert(at, typed.charAt(random.nextInt(typed.length())));
      }
    }
    try {
      ContractDeclaration declared = ContractDeclaration.compile("shop.yaml", yaml.toString());
      assertThat(ContractDeclaration.of(declared.canonical()).contract().sha256())
          .as("seed %d", seed)
          .isEqualTo(declared.contract().sha256());
    } catch (DeclarationException e) {
      assertThat(e.problems()).as("seed %d", seed).isNotEmpty();
    }
  }
}
