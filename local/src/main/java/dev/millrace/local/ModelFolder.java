package dev.millrace.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder that somebody names because a model is in it. */
final class ModelFolder {

  private static final String CARD = "MLmodel";
  private static final int NAMES_TOLD = 5;

  private ModelFolder() {}

  /**
   * Whether the model is any good is seen later.
   *
   * @throws CommandException if there is none, with what is there instead
   */
  static void require(Path folder) {
    if (Files.exists(folder.resolve(CARD))) {
      return;
    }
    List<String> found = names(folder);
    throw new CommandException(
        "%s is not the folder of a model: that has a file %s, and here %s.%s"
            .formatted(folder, CARD, told(found), remedy(folder, found)));
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new CommandException("Cannot look into %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static String told(List<String> found) {
    if (found.isEmpty()) {
      return "is nothing";
    }
    List<String> first = found.subList(0, Math.min(found.size(), NAMES_TOLD));
    int more = found.size() - first.size();
    return Plural.word(found.size(), "is ", "are ")
        + String.join(", ", first)
        + (more == 0 ? "" : " and %d more".formatted(more));
  }

  private static String remedy(Path folder, List<String> found) {
    return found.stream()
        .filter(name -> name.endsWith(".yaml"))
        .findFirst()
        .map(
            name ->
                " Declarations are activated one by one: ./millrace activate "
                    + folder.resolve(name))
        .orElse("");
  }
}
