package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.model.FeatureSetPin;
import dev.millrace.model.InvalidModelException;
import dev.millrace.model.ModelCard;
import dev.millrace.model.ModelDirectory;
import dev.millrace.model.OnnxModel;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.DeclarationException;
import dev.millrace.schemas.GeoDatabase;
import dev.millrace.schemas.GeoDatabase.InvalidGeoDatabaseException;
import dev.millrace.schemas.ReferenceSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Something that could be activated, checked and kept in the store.
 *
 * @param declaredVersion as the declaration says; empty for what declares none: its versions are
 *     counted
 * @param note what whoever activates it may not expect of it; null if there is nothing
 * @param pin the feature set that a model is made for; null for all else
 * @param brought that feature set, if the model brings it along; null otherwise
 */
record Artifact(
    String kind,
    String name,
    OptionalInt declaredVersion,
    String sha256,
    @Nullable String note,
    @Nullable FeatureSetPin pin,
    @Nullable Artifact brought) {

  private static final String NO_COUNTRY =
      "Note: %s tells the country of no address, so no event gets one from it. If that is not meant, activate a database of countries or cities.";

  private static final String WHAT_CAN_BE =
      "a source mapping, a contract or a feature set (.yaml), a reference set (.txt), a geo database (.mmdb) or the folder of a model (with MLmodel)";

  private static final String REFERENCE_NAME = "[a-z0-9][a-z0-9-]{0,62}";

  /**
   * Checks what is there and keeps it.
   *
   * @throws CommandException if it must not be used
   */
  static Artifact kept(Path path, ArtifactStore store) {
    if (Files.isDirectory(path)) {
      return model(path, store);
    }
    if (!Files.isRegularFile(path)) {
      throw new CommandException("%s is not there. Name %s.".formatted(path, WHAT_CAN_BE));
    }
    try {
      return file(path, String.valueOf(path.getFileName()), store);
    } catch (DeclarationException e) {
      throw new CommandException("The declaration can't be used:\n" + e.getMessage());
    } catch (InvalidGeoDatabaseException e) {
      throw new CommandException("%s %s".formatted(path, e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + path, e);
    }
  }

  private static Artifact file(Path path, String name, ArtifactStore store)
      throws IOException, InvalidGeoDatabaseException {
    if (name.endsWith(".yaml")) {
      return declared(path, Files.readString(path), store);
    }
    if (name.endsWith(".txt")) {
      ReferenceSet set = ReferenceSet.of(path.toString(), Files.readAllBytes(path));
      String named = name.substring(0, name.length() - ".txt".length()).toLowerCase(Locale.ROOT);
      if (!named.matches(REFERENCE_NAME)) {
        throw new CommandException(
            "No contract can ask for a reference set '%s', as %s would be. Name the file by letters, digits and dashes."
                .formatted(named, path));
      }
      return counted(Activation.REFERENCE, named, store.put(set.canonical()));
    }
    if (name.endsWith(".mmdb")) {
      byte[] bytes = Files.readAllBytes(path);
      GeoDatabase unused = GeoDatabase.open(bytes); // which checks all of it
      return new Artifact(
          Activation.GEO,
          Contracts.GEO_NAME,
          OptionalInt.empty(),
          store.put(bytes),
          GeoCountries.canBeIn(bytes) ? null : NO_COUNTRY.formatted(path),
          null,
          null);
    }
    throw new CommandException("%s can't be activated. Name %s.".formatted(path, WHAT_CAN_BE));
  }

  private static Artifact declared(Path file, String yaml, ArtifactStore store) {
    Declared declared = Declared.of(file.toString(), yaml);
    store.put(declared.canonical());
    return new Artifact(
        declared.kind(),
        declared.name(),
        OptionalInt.of(declared.version()),
        declared.sha256(),
        null,
        null,
        null);
  }

  private static Artifact counted(String kind, String name, String sha256) {
    return new Artifact(kind, name, OptionalInt.empty(), sha256, null, null, null);
  }

  private static Artifact model(Path directory, ArtifactStore store) {
    ModelFolder.require(directory);
    try {
      ModelDirectory model = ModelDirectory.read(directory);
      ModelCard card = model.card();
      try (OnnxModel evaluated = OnnxModel.open(model)) {
        evaluated.verifyGolden();
      }
      return new Artifact(
          Activation.MODEL,
          card.name(),
          OptionalInt.empty(),
          store.putFiles(files(directory)),
          null,
          card.featureSet(),
          brought(directory, card, store));
    } catch (InvalidModelException e) {
      throw new CommandException(
          "The model in %s can't be used: %s".formatted(directory, e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the model in " + directory, e);
    }
  }

  /** So that the model goes on getting its vectors where the set has a later version by now. */
  private static @Nullable Artifact brought(Path directory, ModelCard card, ArtifactStore store)
      throws IOException {
    Path file = directory.resolve(ModelDirectory.FEATURE_SET);
    if (!Files.exists(file)) {
      return null;
    }
    Artifact set = declared(file, Files.readString(file), store);
    if (!set.sha256.equals(card.featureSet().sha256())) {
      throw new CommandException(
          "%s has the hash %s, and the model is pinned to %s. Put the declaration there that it was trained on, or delete the file."
              .formatted(file, set.sha256, card.featureSet()));
    }
    return set;
  }

  private static SortedMap<String, byte[]> files(Path directory) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      List<Path> regular = paths.filter(path -> !Files.isDirectory(path)).toList();
      for (Path file : regular) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          throw new CommandException(
              "%s is a link or no file, and may show anything. Copy its content there."
                  .formatted(file));
        }
        files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  /**
   * What to write to the log; empty if this very artifact is in force.
   *
   * @throws CommandException if its version was given to another artifact before, or a model is
   *     made for a feature set that is not in force
   */
  Optional<Activation> nextActivation(ActivationLog log) {
    boolean inForce =
        log.active(kind).stream()
            .anyMatch(active -> active.name().equals(name) && active.sha256().equals(sha256));
    int version = version(log.history(kind, name));
    if (pin != null) {
      requireActive(pin, log.active(Activation.FEATURE_SET));
    }
    return inForce ? Optional.empty() : Optional.of(new Activation(kind, name, version, sha256));
  }

  /** A model that is pinned to another feature set would never get a vector. */
  private void requireActive(FeatureSetPin wanted, List<Activation> active) {
    boolean known =
        active.stream()
            .map(set -> new FeatureSetPin(set.name(), set.version(), set.sha256()))
            .anyMatch(wanted::equals);
    if (!known) {
      throw new CommandException(
          "Model %s is pinned to %s, and the pipeline computes %s. Activate that feature set first, or train the model on one of these."
              .formatted(name, wanted, active.isEmpty() ? "none" : told(active)));
    }
  }

  private static String told(List<Activation> sets) {
    return sets.stream()
        .map(set -> "%s@%d sha256 %s".formatted(set.name(), set.version(), set.sha256()))
        .collect(Collectors.joining(", "));
  }

  /** A version and a hash belong together for ever, so what was active before keeps its version. */
  private int version(List<Activation> history) {
    OptionalInt earlier =
        history.stream()
            .filter(activation -> activation.sha256().equals(sha256))
            .mapToInt(Activation::version)
            .findFirst();
    int version =
        declaredVersion.orElseGet(
            () ->
                earlier.orElseGet(
                    () -> 1 + history.stream().mapToInt(Activation::version).max().orElse(0)));
    boolean taken =
        history.stream()
            .anyMatch(
                activation ->
                    activation.version() == version && !activation.sha256().equals(sha256));
    if (taken) {
      throw new CommandException(
          "%s %s version %d was active with other content, and events were decided by it. Raise its version and activate it again."
              .formatted(kind, name, version));
    }
    return version;
  }
}
