package org.apache.kafka.connect.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Stands for Connect's worker, under its name, where only starting and stopping matter. */
public final class ConnectDistributed {

  private ConnectDistributed() {}

  /** Argument: the worker's settings. */
  public static void main(String[] args) throws IOException {
    Properties settings = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(args[0]))) {
      settings.load(in);
    }
    int port = URI.create(settings.getProperty("listeners")).getPort();
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.createContext("/", new Idle());
    http.start();
  }

  /** Healthy, and without a connector. */
  public static final class Idle implements HttpHandler {
    @Override
    public void handle(HttpExchange exchange) throws IOException {
      byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    }
  }
}
