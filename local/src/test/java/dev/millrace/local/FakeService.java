package dev.millrace.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.apache.kafka.connect.cli.ConnectDistributed;

/**
 * Stands for a service where only starting and stopping matter: ready at once, or never. Started as
 * the services are, by their jar.
 */
final class FakeService {

  private static final String PORT = "--server.port=";

  private FakeService() {}

  public static void main(String[] args) throws IOException {
    if (Files.exists(Path.of(ownJar() + ".fails"))) {
      System.out.println("there is no topic events.raw");
      System.exit(3);
    }
    int port =
        Stream.of(args)
            .filter(arg -> arg.startsWith(PORT))
            .map(arg -> Integer.parseInt(arg.substring(PORT.length())))
            .findFirst()
            .orElseThrow();
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.createContext("/actuator/health/readiness", new Ready());
    http.start();
  }

  private static String ownJar() {
    return System.getProperty("java.class.path");
  }

  private static final class Ready implements HttpHandler {
    @Override
    public void handle(HttpExchange exchange) throws IOException {
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    }
  }

  /** A tree with fake services, a fake worker of Connect and one source. */
  static Home home(Path directory) throws IOException {
    Path root = Files.createDirectories(directory.resolve("tree"));
    Path source = Path.of("schemas", "sources", "default.yaml");
    Files.createDirectories(root.resolve(source).getParent());
    Files.copy(Homes.ROOT.resolve(source), root.resolve(source));
    for (Service service : Service.values()) {
      writeJar(service.jar(root, Homes.VERSION), FakeService.class, Ready.class);
    }
    Files.createDirectories(
        root.resolve("delta-sink/target/delta-sink-%s-plugin".formatted(Homes.VERSION)));
    writeJar(
        root.resolve("connect-worker/target/lib/connect.jar"),
        ConnectDistributed.class,
        ConnectDistributed.Idle.class);
    return new Home(root, directory.resolve("work"), Homes.VERSION);
  }

  static void letFail(Home home, Service service) throws IOException {
    Files.createFile(Path.of(home.jar(service) + ".fails"));
  }

  private static void writeJar(Path jar, Class<?>... classes) throws IOException {
    Files.createDirectories(jar.getParent());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, classes[0].getName());
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (Class<?> needed : classes) {
        String name = needed.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = needed.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
  }
}
