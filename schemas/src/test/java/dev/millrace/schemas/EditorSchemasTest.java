package dev.millrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** What editors are told of declarations is what the compilers know. */
class EditorSchemasTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern USE_ONE_OF = Pattern.compile("use one of \\[([^\\]]*)\\]");

  static Stream<Path> declarations() throws IOException {
    try (Stream<Path> sources = Files.list(Path.of("sources"));
        Stream<Path> contracts = Files.list(Path.of("contracts"));
        Stream<Path> sets = Files.list(Path.of("feature-sets"))) {
      return Stream.concat(sources, Stream.concat(contracts, sets))
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.toString().endsWith("_test.yaml"))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("declarations")
  void whatComesWithMillraceIsValidAndNamesItsSchema(Path declaration) throws IOException {
    String text = Files.readString(declaration);
    String folder = String.valueOf(declaration.getName(0));
    String kind = folder.substring(0, folder.length() - 1);

    assertThat(text).startsWith("# yaml-language-server: $schema=../json-schema/" + kind + ".json");
    assertThat(
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(schema(kind))
                .validate(JSON.valueToTree(new Yaml().load(text))))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "contract | /properties                 | {contract: c, nope: 1}",
        "contract | /$defs/field/properties     | {contract: c, fields: {city: {nope: 1}}}",
        "contract | /$defs/attribute/properties | {contract: c, attributes: {a: {nope: 1}}}",
        "contract | /$defs/field/properties/outlier/properties   | {contract: c, fields: {quantity: {outlier: {nope: 1}}}}",
        "contract | /$defs/field/properties/reference/properties | {contract: c, fields: {city: {reference: {nope: 1}}}}",
        "contract | /$defs/field/properties/range/properties     | {contract: c, fields: {quantity: {range: {nope: 1}}}}",
        "contract | /$defs/field/properties/length/properties    | {contract: c, fields: {city: {length: {nope: 1}}}}",
        "contract | /properties/checks/items/properties          | {contract: c, checks: [{nope: 1}]}",
        "contract | /properties/derive/properties                | {contract: c, derive: {nope: 1}}",
        "contract | /properties/pii_key/properties               | {contract: c, pii_key: {nope: 1}}",
        "feature-set | /properties                  | {feature_set: f, nope: 1}",
        "feature-set | /$defs/attribute/properties  | {feature_set: f, attributes: {a: {nope: 1}}}",
        "feature-set | /properties/derived/items/properties | {feature_set: f, derived: [{nope: 1}]}",
        "source   | /properties                   | {source: s, nope: 1}",
        "source   | /$defs/plain/properties       | {source: s, fields: {city: {nope: 1}}}",
        "source   | /$defs/time/properties        | {source: s, fields: {event_time: {nope: 1}}}",
        "source   | /$defs/amount/properties      | {source: s, fields: {value_micros: {nope: 1}}}",
        "source   | /$defs/attribute/properties   | {source: s, attributes: {a_micros: {type: micros, nope: 1}}}",
      })
  void theWordsThatAnEditorOffersAreThoseThatTheCompilerKnows(
      String kind, String pointer, String unknownWord) throws IOException {
    Set<String> offered = new TreeSet<>();
    schema(kind).at(pointer).fieldNames().forEachRemaining(offered::add);

    assertThat(offered).isNotEmpty().isEqualTo(known(kind, unknownWord));
  }

  @Test
  void everyFieldOfAnEventIsOfferedAndNoOther() throws IOException {
    Set<String> fields = new TreeSet<>();
    Arrays.stream(dev.millrace.core.EventField.values()).forEach(f -> fields.add(f.fieldName()));

    for (String kind : Set.of("contract", "source")) {
      Set<String> offered = new TreeSet<>();
      schema(kind).at("/properties/fields/properties").fieldNames().forEachRemaining(offered::add);
      assertThat(offered).as(kind).isEqualTo(fields);
    }
  }

  /** Each operation knows some words; an editor offers what any of them knows. */
  @Test
  void everyOperationIsOfferedWithAllItsWordsAndNoOther() throws IOException {
    JsonNode feature = schema("feature-set").at("/$defs/feature/properties");
    Set<String> offered = new TreeSet<>();
    feature.fieldNames().forEachRemaining(offered::add);
    Set<String> known = new TreeSet<>();
    for (JsonNode op : feature.at("/op/enum")) {
      known.addAll(
          known(
              "feature-set",
              "{feature_set: f, features: [{op: %s, nope: 1}]}".formatted(op.asText())));
    }

    assertThat(offered).isEqualTo(known);
    assertThat(known("feature-set", "{feature_set: f, features: [{op: nope}]}", "'nope' is no"))
        .containsExactlyInAnyOrder(JSON.convertValue(feature.at("/op/enum"), String[].class));
  }

  private static Set<String> known(String kind, String declaration) {
    return known(kind, declaration, "'nope'");
  }

  private static Set<String> known(String kind, String declaration, String refused) {
    DeclarationException refusal =
        catchThrowableOfType(
            DeclarationException.class,
            () -> {
              switch (kind) {
                case "contract" -> ContractDeclaration.compile("c", declaration);
                case "feature-set" -> FeatureSetDeclaration.compile("f", declaration);
                default -> SourceMapping.compile("s", declaration);
              }
            });
    String told =
        refusal.problems().stream()
            .map(DeclarationException.Problem::message)
            .filter(message -> message.startsWith(refused))
            .findFirst()
            .orElseThrow();
    Matcher words = USE_ONE_OF.matcher(told);
    assertThat(words.find()).isTrue();
    return new TreeSet<>(Arrays.asList(words.group(1).split(", ")));
  }

  private static JsonNode schema(String kind) throws IOException {
    return JSON.readTree(Path.of("json-schema", kind + ".json").toFile());
  }
}
