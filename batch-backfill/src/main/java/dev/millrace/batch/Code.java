package dev.millrace.batch;

import dev.millrace.core.CanonicalHash;
import dev.millrace.core.cleansing.Cleansing;
import dev.millrace.schemas.stage.CleansingStage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Names the code that decides, by its class files: another build of the same source has the same
 * name.
 */
public final class Code {

  private Code() {}

  /** SHA-256 over the classes of core, schemas and this module, as they were loaded. */
  public static String sha256() {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (Class<?> member : List.of(Cleansing.class, CleansingStage.class, Code.class)) {
      try {
        add(Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI()), hashes);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read the classes of this program", e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException("Classes come from files", e);
      }
    }
    CanonicalHash all = CanonicalHash.start();
    hashes.forEach((name, hash) -> all.add(name).add(hash));
    return all.hex();
  }

  private static void add(Path place, SortedMap<String, String> hashes) throws IOException {
    if (Files.isDirectory(place)) {
      addClasses(place, hashes);
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(place)) {
        addClasses(jar.getPath("/"), hashes);
      }
    }
  }

  private static void addClasses(Path root, SortedMap<String, String> hashes) throws IOException {
    Path ours = root.resolve("dev").resolve("millrace");
    try (Stream<Path> files = Files.walk(ours)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        hashes.put(
            root.relativize(file).toString(), CanonicalHash.sha256Hex(Files.readAllBytes(file)));
      }
    }
  }
}
