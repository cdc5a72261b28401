package dev.millrace.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.Activation;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.SourceMapping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be activated, and as which version. */
class ArtifactTest {

  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);
  private static final Path BUNDLED_MODEL = Homes.ROOT.resolve("schemas/models/activity-bootstrap");

  private static final Path FEATURE_SET =
      Homes.ROOT.resolve("schemas/feature-sets/user-activity.yaml");
  private static final Path CONTRACT = Homes.ROOT.resolve("schemas/contracts/user-activity.yaml");

  @TempDir private Path directory;
  private ArtifactStore store;

  @BeforeEach
  void store() {
    store = new ArtifactStore(directory.resolve("store"));
  }

  private static Artifact source(int version, String sha256) {
    return new Artifact(
        Activation.SOURCE, "web", OptionalInt.of(version), sha256, null, null, null);
  }

  private static Artifact model(String sha256) {
    return new Artifact(Activation.MODEL, "churn", OptionalInt.empty(), sha256, null, null, null);
  }

  private static Activation sourceWas(int version, String sha256) {
    return new Activation(Activation.SOURCE, "web", version, sha256);
  }

  private static Activation modelWas(int version, String sha256) {
    return new Activation(Activation.MODEL, "churn", version, sha256);
  }

  private static ActivationLog log(Activation... activations) {
    return new ActivationLog(List.of(activations), activations.length - 1);
  }

  @Test
  void aSourceIsActivatedAsTheVersionItDeclares() {
    assertThat(source(3, A).nextActivation(log())).contains(sourceWas(3, A));
    assertThat(source(2, B).nextActivation(log(sourceWas(1, A)))).contains(sourceWas(2, B));
  }

  @Test
  void whatIsInForceIsNotActivatedAgain() {
    assertThat(source(1, A).nextActivation(log(sourceWas(1, A)))).isEmpty();
    assertThat(model(A).nextActivation(log(modelWas(1, A)))).isEmpty();
  }

  @Test
  void anotherContentUnderTheSameVersionIsRefused() {
    ActivationLog log = log(sourceWas(1, A), sourceWas(2, B));

    assertThatThrownBy(() -> source(1, B).nextActivation(log))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("source web version 1 was active with other content")
        .hasMessageContaining("Raise its version");
  }

  @Test
  void anEarlierArtifactComesBackAsTheVersionItWas() {
    assertThat(source(1, A).nextActivation(log(sourceWas(1, A), sourceWas(2, B))))
        .contains(sourceWas(1, A));
    assertThat(model(A).nextActivation(log(modelWas(1, A), modelWas(2, B))))
        .contains(modelWas(1, A));
  }

  @Test
  void modelsAreCountedByName() {
    assertThat(model(A).nextActivation(log(sourceWas(7, B)))).contains(modelWas(1, A));
    assertThat(model(B).nextActivation(log(modelWas(1, A)))).contains(modelWas(2, B));
  }

  @Test
  void keepsTheCanonicalFormOfASource() throws IOException {
    Path file = Homes.ROOT.resolve("schemas/sources/clickstream.yaml");

    Artifact artifact = Artifact.kept(file, store);

    assertThat(artifact.name()).isEqualTo("clickstream");
    assertThat(artifact.declaredVersion()).hasValue(1);
    assertThat(SourceMapping.of(store.get(artifact.sha256())))
        .isEqualTo(SourceMapping.compile(file.toString(), Files.readString(file)));
  }

  @Test
  void saysWhereASourceIsWrong() throws IOException {
    Path file = Files.writeString(directory.resolve("web.yaml"), "source: web\nversion: 0\n");

    assertThatThrownBy(() -> Artifact.kept(file, store))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("web.yaml:2");
  }

  @Test
  void keepsTheCanonicalFormOfTheContract() throws IOException {
    Artifact artifact = Artifact.kept(CONTRACT, store);

    assertThat(artifact.kind()).isEqualTo(Activation.CONTRACT);
    assertThat(artifact.name()).isEqualTo("user-activity");
    assertThat(artifact.declaredVersion()).isPresent();
    assertThat(ContractDeclaration.of(store.get(artifact.sha256())).contract())
        .isEqualTo(
            ContractDeclaration.compile(CONTRACT.toString(), Files.readString(CONTRACT))
                .contract());
  }

  @Test
  void refusesAContractThatNothingAsksFor() throws IOException {
    Path file = changedContract("contract: user-activity", "contract: strict");

    assertThatThrownBy(() -> Artifact.kept(file, store))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("declares the contract 'strict'")
        .hasMessageContaining("the one that decides is called 'user-activity'. Name it so.");
  }

  @Test
  void aChangedContractIsANewVersion() throws IOException {
    Artifact first = Artifact.kept(CONTRACT, store);
    Artifact changed = Artifact.kept(changedContract("max: 1000000}", "max: 10}"), store);
    int version = first.declaredVersion().orElseThrow();
    Artifact raised =
        Artifact.kept(changedContract("version: " + version, "version: " + (version + 1)), store);
    ActivationLog log = log(first.nextActivation(log()).orElseThrow());

    assertThatThrownBy(() -> changed.nextActivation(log))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(
            "contract user-activity version %d was active with other content".formatted(version))
        .hasMessageContaining("Raise its version");
    assertThat(raised.nextActivation(log).orElseThrow().key())
        .isEqualTo("contract/user-activity@" + (version + 1));
  }

  private Path changedContract(String from, String to) throws IOException {
    String yaml = Files.readString(CONTRACT);
    assertThat(yaml).contains(from);
    return Files.writeString(directory.resolve("changed.yaml"), yaml.replace(from, to));
  }

  @Test
  void aReferenceSetIsNamedLikeItsFileAndItsVersionsAreCounted() throws IOException {
    Path file = Files.writeString(directory.resolve("Products.txt"), "p-2\np-1\n\np-2\n");

    Artifact set = Artifact.kept(file, store);
    Files.writeString(file, "p-1\np-2\n");
    Artifact sameSet = Artifact.kept(file, store);
    Files.writeString(file, "p-3\n");
    Artifact other = Artifact.kept(file, store);

    assertThat(set.kind()).isEqualTo(Activation.REFERENCE);
    assertThat(set.name()).isEqualTo("products");
    assertThat(sameSet).isEqualTo(set);
    ActivationLog log = log(set.nextActivation(log()).orElseThrow());
    assertThat(other.nextActivation(log).orElseThrow().key()).isEqualTo("reference/products@2");
  }

  @Test
  void refusesAReferenceSetThatNoContractCanAskFor() throws IOException {
    Path unnamed = Files.writeString(directory.resolve("our products.txt"), "p-1\n");
    Path empty = Files.writeString(directory.resolve("products.txt"), "\n \n");

    assertThatThrownBy(() -> Artifact.kept(unnamed, store))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("No contract can ask for a reference set 'our products'");
    assertThatThrownBy(() -> Artifact.kept(empty, store))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("products.txt: holds no value; write one a line");
  }

  @Test
  void refusesADamagedGeoDatabaseAndSaysThatItIs() throws IOException {
    Path file = Files.writeString(directory.resolve("city.mmdb"), "x".repeat(5_000));

    assertThatThrownBy(() -> Artifact.kept(file, store))
        .isInstanceOf(CommandException.class)
        .hasMessageStartingWith(file + " is no sound MMDB database")
        .hasMessageEndingWith("get it again from where it came");
  }

  /** A database of IPv4 addresses whose record of half of them, or of none, is this. */
  private Path geo(String name, byte... record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int nothing = 1;
    int first = record.length == 0 ? nothing : nothing + 16;
    bytes.writeBytes(new byte[] {0, 0, (byte) first, 0, 0, (byte) nothing});
    bytes.writeBytes(new byte[16]);
    bytes.writeBytes(record);
    bytes.writeBytes("\u00ab\u00cd\u00efMaxMind.com".getBytes(ISO_8859_1));
    bytes.write(0xe4);
    member(bytes, "binary_format_major_version", 0xa1, 2);
    member(bytes, "node_count", 0xc1, 1);
    member(bytes, "record_size", 0xa1, 24);
    member(bytes, "ip_version", 0xa1, 4);
    return Files.write(directory.resolve(name), bytes.toByteArray());
  }

  private static void member(ByteArrayOutputStream bytes, String name, int type, int value) {
    bytes.write(0x40 | name.length());
    bytes.writeBytes(name.getBytes(ISO_8859_1));
    bytes.write(type);
    bytes.write(value);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  @Test
  void saysOfASoundGeoDatabaseWithoutCountriesThatItHasNone() throws IOException {
    Path empty = geo("empty.mmdb");
    Path cities = geo("cities.mmdb", bytes("\u00e1Dcity\u00e1Enames\u00e1BenDBonn"));

    assertThat(Artifact.kept(empty, store).note())
        .startsWith("Note: " + empty + " tells the country of no address")
        .contains("activate a database of countries or cities");
    assertThat(Artifact.kept(cities, store).note()).startsWith("Note: ");
  }

  @Test
  void saysNothingOfOneThatHasCountries() throws IOException {
    Path nested = geo("nested.mmdb", bytes("\u00e1Gcountry\u00e1Hiso_codeBDE"));
    Path flat = geo("flat.mmdb", bytes("\u00e1Lcountry_codeBDE"));

    assertThat(Artifact.kept(nested, store).note()).isNull();
    assertThat(Artifact.kept(flat, store).note()).isNull();
  }

  @Test
  void aChangedFeatureSetIsANewVersionBesideTheOld() throws IOException {
    String yaml = Files.readString(FEATURE_SET);
    Path file = directory.resolve("user-activity.yaml");
    Artifact first = Artifact.kept(FEATURE_SET, store);
    int version = first.declaredVersion().orElseThrow();
    Files.writeString(file, yaml.replace("max: 64", "max: 65"));
    Artifact changed = Artifact.kept(file, store);
    Files.writeString(file, yaml.replaceFirst("(?m)^version: .*$", "version: " + (version + 1)));
    Artifact raised = Artifact.kept(file, store);
    Activation one = first.nextActivation(log()).orElseThrow();
    Activation two = raised.nextActivation(log(one)).orElseThrow();

    assertThatThrownBy(() -> changed.nextActivation(log(one)))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(
            "feature-set user-activity version %d was active with other content".formatted(version))
        .hasMessageContaining("Raise its version");
    assertThat(log(one, two).active(Activation.FEATURE_SET)).containsExactly(one, two);
    assertThat(first.nextActivation(log(one, two))).isEmpty();
    assertThat(FeatureSetDeclaration.of(store.get(two.sha256())).set().version())
        .isEqualTo(version + 1);
  }

  @Test
  void refusesWhatIsNothingOfTheKind() throws IOException {
    Path file = Files.writeString(directory.resolve("events.csv"), "1,2");

    assertThatThrownBy(() -> Artifact.kept(file, store)).hasMessageContaining("can't be activated");
    assertThatThrownBy(() -> Artifact.kept(directory.resolve("none"), store))
        .hasMessageContaining("is not there");
  }

  @Test
  void aFolderOfSourceMappingsIsNoModelAndTheySayHowToBeActivated() {
    Path sources = Homes.ROOT.resolve("schemas/sources");

    assertThatThrownBy(() -> Artifact.kept(sources, store))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("is not the folder of a model: that has a file MLmodel")
        .hasMessageContaining("here are clickstream.yaml, default.yaml.")
        .hasMessageContaining("./millrace activate " + sources.resolve("clickstream.yaml"));
  }

  @Test
  void saysWhatIsInAFolderThatHoldsNeither() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    assertThatThrownBy(() -> Artifact.kept(folder, store)).hasMessageEndingWith("here is nothing.");

    for (String name : List.of("a", "b", "c", "d", "e", "f", "g")) {
      Files.createFile(folder.resolve(name));
    }
    assertThatThrownBy(() -> Artifact.kept(folder, store))
        .hasMessageEndingWith("here are a, b, c, d, e and 2 more.");
  }

  @Test
  void keepsAllFilesOfAModel() throws IOException {
    Artifact artifact = Artifact.kept(copyOfBundledModel(), store);

    assertThat(artifact.kind()).isEqualTo(Activation.MODEL);
    assertThat(artifact.name()).isEqualTo("activity-bootstrap");
    assertThat(store.getFiles(artifact.sha256())).containsKeys("MLmodel", "model.onnx");
  }

  @Test
  void refusesAModelWhoseFeatureSetIsNotInForceAndTellsWhichAre() throws IOException {
    Artifact model = Artifact.kept(copyOfBundledModel(), store);
    Activation set = model.brought().nextActivation(log()).orElseThrow();
    Activation other = new Activation(Activation.FEATURE_SET, "user-activity", 1, A);

    assertThat(model.nextActivation(log(set))).isPresent();
    assertThatThrownBy(() -> model.nextActivation(log()))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("is pinned to")
        .hasMessageContaining("the pipeline computes none. Activate that feature set first");
    assertThatThrownBy(() -> model.nextActivation(log(other)))
        .hasMessageContaining("the pipeline computes user-activity@1 sha256 " + A);
  }

  @Test
  void aModelBringsTheFeatureSetThatItIsPinnedToAndNoOther() throws IOException {
    Path model = copyOfBundledModel();
    Path set = model.resolve("feature_set.json");

    Artifact kept = Artifact.kept(model, store);
    assertThat(kept.brought().sha256()).isEqualTo(kept.pin().sha256());
    assertThat(FeatureSetDeclaration.of(store.get(kept.brought().sha256())).set().name())
        .isEqualTo("user-activity");
    Files.writeString(set, Files.readString(set).replace("\"version\":1", "\"version\":7"));
    assertThatThrownBy(() -> Artifact.kept(model, store))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("and the model is pinned to")
        .hasMessageContaining("or delete the file");
    Files.delete(set);
    assertThat(Artifact.kept(model, store).brought()).isNull();
  }

  @Test
  void refusesAModelWithALinkInIt() throws IOException {
    Path model = copyOfBundledModel();
    Files.createSymbolicLink(model.resolve("notes"), directory.resolve("secret"));

    assertThatThrownBy(() -> Artifact.kept(model, store))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("notes is a link");
  }

  private Path copyOfBundledModel() throws IOException {
    Path copy = Files.createDirectory(directory.resolve("model"));
    try (Stream<Path> files = Files.list(BUNDLED_MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }
}
