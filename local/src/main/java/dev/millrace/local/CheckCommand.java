package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.ContractTests;
import dev.millrace.schemas.DeclarationException;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.FeatureSetTests;
import dev.millrace.schemas.SourceMapping;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "check",
    description =
        "Compiles declarations, without a stack: source mappings, contracts and feature sets, and runs the tests beside them (_test.yaml). Tells every problem with its file and line; of a feature set also the most that a user's state can take, and what each feature owes to the order of events.")
final class CheckCommand implements Callable<Integer> {

  private static final String YAML = ".yaml";
  private static final int HASH_TOLD = 12;

  @Parameters(
      paramLabel = "PATH",
      arity = "0..*",
      description =
          "Files, or folders that have them (default: schemas/sources, schemas/contracts and schemas/feature-sets).")
  private List<Path> paths = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final DeclaredVersions versions = new DeclaredVersions();

  private final Home home;
  private final Console console;

  CheckCommand(Home home, Console console) {
    this.home = home;
    this.console = console;
  }

  @Override
  public Integer call() {
    List<Path> files = new ArrayList<>();
    List<String> alone = new ArrayList<>();
    List<Path> searched = paths.isEmpty() ? home.declarationFolders() : paths;
    searched.forEach(path -> addFiles(path, files, alone));
    if (files.isEmpty() && alone.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "There is no declaration in %s; name files that end in %s, or folders of such files."
              .formatted(
                  searched.stream().map(Path::toString).collect(Collectors.joining(", ")), YAML));
    }
    alone.forEach(console::say);
    int bad = alone.size();
    for (Path file : files) {
      List<String> problems = problems(file);
      problems.forEach(console::say);
      bad += problems.isEmpty() ? 0 : 1;
    }
    console.say(summary(files.size() + alone.size(), bad));
    return bad == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /**
   * @param alone is told of tests that stand beside nothing, which nobody would run
   */
  private void addFiles(Path path, List<Path> files, List<String> alone) {
    if (!Files.isDirectory(path)) {
      if (!Files.exists(path) || !path.toString().endsWith(YAML)) {
        throw new ParameterException(
            spec.commandLine(),
            "%s is no declaration. Name a file that ends in %s, or a folder of such files."
                .formatted(path, YAML));
      }
      files.add(path);
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      List<Path> yaml =
          all.filter(file -> file.toString().endsWith(YAML) && !isOfAModel(file)).sorted().toList();
      yaml.stream().filter(file -> !Home.isTest(file)).forEach(files::add);
      yaml.stream()
          .filter(file -> Home.isTest(file) && !Files.exists(tested(file)))
          .map(
              file ->
                  "%s: stands beside nothing, and is not run; the declaration that it tests would be %s"
                      .formatted(file, tested(file)))
          .forEach(alone::add);
    } catch (IOException e) {
      throw new CommandException("Cannot look into %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static Path tested(Path tests) {
    String name = String.valueOf(tests.getFileName());
    return tests.resolveSibling(
        name.substring(0, name.length() - Home.TEST_SUFFIX.length()) + YAML);
  }

  /** MLflow keeps files of its own beside a model. */
  private static boolean isOfAModel(Path file) {
    return Files.exists(file.resolveSibling("MLmodel"));
  }

  /** Says what the file declares, if that is sound. */
  private List<String> problems(Path file) {
    try {
      String yaml = Files.readString(file);
      Declared declared = Declared.of(file.toString(), yaml);
      console.say("ok  %s  %s".formatted(shown(file), told(declared)));
      if (declared.kind().equals(Activation.FEATURE_SET)) {
        console.say(FeatureSetFacts.told(featureSet(declared)));
      }
      List<String> problems = new ArrayList<>(problemsOfTestsBeside(file, declared));
      versions
          .add(file, declared.kind(), declared.name(), declared.version())
          .ifPresent(problems::add);
      return problems;
    } catch (DeclarationException e) {
      return e.problems().stream().map(DeclarationException.Problem::toString).toList();
    } catch (CommandException e) {
      return List.of(String.valueOf(e.getMessage()));
    } catch (CharacterCodingException e) {
      return List.of("%s: is no text in UTF-8".formatted(file));
    } catch (IOException e) {
      throw new CommandException("Cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Says how many there are, if all came as expected. */
  private List<String> problemsOfTestsBeside(Path file, Declared declared) throws IOException {
    String name = String.valueOf(file.getFileName());
    Path tests =
        file.resolveSibling(name.substring(0, name.length() - YAML.length()) + Home.TEST_SUFFIX);
    if (declared.kind().equals(Activation.SOURCE) || !Files.exists(tests)) {
      return List.of();
    }
    String yaml = Files.readString(tests);
    try {
      int count = runTests(tests.toString(), yaml, declared);
      console.say("ok  %s  %s".formatted(shown(tests), Plural.of(count, "test", "tests")));
      return List.of();
    } catch (DeclarationException e) {
      TestNames names = TestNames.of(yaml);
      return e.problems().stream().map(problem -> told(problem, tests, names)).toList();
    }
  }

  private int runTests(String file, String yaml, Declared declared) {
    return declared.kind().equals(Activation.FEATURE_SET)
        ? FeatureSetTests.run(file, yaml, FeatureSetDeclaration.of(declared.canonical()))
        : ContractTests.run(
            file, yaml, ContractDeclaration.of(declared.canonical()).contract(), this::mapping);
  }

  private static FeatureSet featureSet(Declared declared) {
    return FeatureSetDeclaration.of(declared.canonical()).set();
  }

  private static String told(DeclarationException.Problem problem, Path tests, TestNames names) {
    return problem.file().equals(tests.toString())
        ? names
            .at(problem.line())
            .map(name -> "%s\n    in the test '%s'".formatted(problem, name))
            .orElseGet(problem::toString)
        : problem.toString();
  }

  private SourceMapping mapping(String source) {
    Path file = home.schemas().resolve("sources").resolve(source + YAML);
    try {
      return SourceMapping.compile(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new CommandException(
          "A test names the source '%s', and there is no %s.".formatted(source, file), e);
    }
  }

  private static String told(Declared declared) {
    return "%s %s version %d  sha256 %s…"
        .formatted(
            declared.kind(),
            declared.name(),
            declared.version(),
            declared.sha256().substring(0, HASH_TOLD));
  }

  private Path shown(Path file) {
    Path schemas = home.schemas();
    return file.startsWith(schemas) ? schemas.relativize(file) : file;
  }

  private static String summary(int files, int bad) {
    return bad == 0
        ? Plural.of(files, "file is as it must be.", "files are as they must be.")
        : "%d of %s can't be used.".formatted(bad, Plural.of(files, "file"));
  }
}
