package dev.millrace.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.context.ApplicationContext;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;

/** The description of a service's REST interface, as the running service serves it. */
public final class PublishedApi {

  private PublishedApi() {}

  /** It can be fetched, and names every operation that the service has and no other. */
  public static void check(ApplicationContext service) {
    HttpResponse<String> served = fetch(service);

    assertThat(served.statusCode()).isEqualTo(200);
    assertThat(served.headers().firstValue("Content-Type")).hasValue("application/yaml");
    Map<String, Object> openApi = new Yaml().load(served.body());
    assertThat(openApi).containsEntry("openapi", "3.1.0");
    assertThat(described(openApi)).isEqualTo(mapped(service));
  }

  private static HttpResponse<String> fetch(ApplicationContext service) {
    String port = service.getEnvironment().getRequiredProperty("local.server.port");
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/openapi.yaml"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("/openapi.yaml can't be fetched", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Set<String> described(Map<String, Object> openApi) {
    Map<String, Map<String, Object>> paths =
        (Map<String, Map<String, Object>>) openApi.get("paths");
    return paths.entrySet().stream()
        .flatMap(
            path ->
                path.getValue().keySet().stream()
                    .map(method -> method.toUpperCase(Locale.ROOT) + " " + path.getKey()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> mapped(ApplicationContext service) {
    return service
        .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .keySet()
        .stream()
        .flatMap(
            mapping ->
                mapping.getPathPatternsCondition().getPatternValues().stream()
                    .flatMap(
                        path ->
                            mapping.getMethodsCondition().getMethods().stream()
                                .map(method -> method + " " + path)))
        .filter(operation -> !operation.contains(" /actuator") && !operation.contains(" /error"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
