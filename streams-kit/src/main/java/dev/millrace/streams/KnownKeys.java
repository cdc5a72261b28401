package dev.millrace.streams;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedResource;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/**
 * Refuses what is set under {@code millrace} and has no meaning: a misspelt key would leave a
 * default in force without a word.
 *
 * <p>Known are the components of the service's records of properties, one key each, and what a file
 * inside the service sets for its own placeholders. Spring's strict binding can't do this: it
 * passes over the environment, and {@code millrace} is a prefix of several records.
 */
final class KnownKeys implements BeanFactoryPostProcessor {

  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("millrace");

  /** For the command line, its tests and CI; a process that they start inherits them. */
  private static final Set<ConfigurationPropertyName> INHERITED =
      Stream.of("ci", "data", "home", "started.at")
          .map(ROOT::append)
          .collect(Collectors.toUnmodifiableSet());

  private final Environment environment;

  KnownKeys(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    Set<ConfigurationPropertyName> known = new TreeSet<>(bound(beans));
    List<ConfigurationProperty> given = new ArrayList<>();
    for (ConfigurationProperty property : set()) {
      if (isInside(property.getOrigin())) {
        known.add(property.getName());
      } else {
        given.add(property);
      }
    }
    List<String> unknown =
        given.stream()
            .filter(property -> !isKnown(property, known))
            .map(property -> told(property, known))
            .sorted()
            .toList();
    if (!unknown.isEmpty()) {
      throw new StartupException(
          "Configuration that this service does not know: %s."
              .formatted(String.join("; ", unknown)),
          "Correct or remove it; the README of the service lists its keys.");
    }
  }

  private static Set<ConfigurationPropertyName> bound(ConfigurableListableBeanFactory beans) {
    Set<ConfigurationPropertyName> keys = new TreeSet<>();
    for (String bean : beans.getBeanDefinitionNames()) {
      // Without making anything: no bean may be made before all of them are known.
      ConfigurationProperties properties =
          beans.findAnnotationOnBean(bean, ConfigurationProperties.class, false);
      Class<?> type = beans.getType(bean, false);
      if (properties != null && type != null && type.isRecord()) {
        ConfigurationPropertyName prefix = ConfigurationPropertyName.of(properties.prefix());
        for (RecordComponent component : type.getRecordComponents()) {
          keys.add(prefix.append(DataObjectPropertyName.toDashedForm(component.getName())));
        }
      }
    }
    keys.removeIf(key -> !ROOT.isAncestorOf(key));
    return keys;
  }

  private List<ConfigurationProperty> set() {
    List<ConfigurationProperty> properties = new ArrayList<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource names) {
        for (ConfigurationPropertyName name : names) {
          ConfigurationProperty property =
              ROOT.isAncestorOf(name) ? source.getConfigurationProperty(name) : null;
          if (property != null) {
            properties.add(property);
          }
        }
      }
    }
    return properties;
  }

  private static boolean isInside(@Nullable Origin origin) {
    Origin place = origin instanceof PropertySourceOrigin found ? found.getOrigin() : origin;
    if (place instanceof TextResourceOrigin text) {
      Resource file = text.getResource();
      return (file instanceof OriginTrackedResource imported ? imported.getResource() : file)
          instanceof ClassPathResource;
    }
    return false;
  }

  private static boolean isKnown(
      ConfigurationProperty property, Set<ConfigurationPropertyName> known) {
    ConfigurationPropertyName name = property.getName();
    return switch (sourceOf(property)) {
      case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME ->
          known.contains(name) || INHERITED.contains(name);
      // A variable writes an underscore for a dot, and may for a dash.
      case StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME ->
          known.contains(name)
              || INHERITED.contains(name)
              || known.stream().map(KnownKeys::dotted).anyMatch(name::equals);
      default -> known.contains(name);
    };
  }

  private static String sourceOf(ConfigurationProperty property) {
    ConfigurationPropertySource source = property.getSource();
    return source != null && source.getUnderlyingSource() instanceof PropertySource<?> underlying
        ? underlying.getName()
        : "";
  }

  private static ConfigurationPropertyName dotted(ConfigurationPropertyName name) {
    return ConfigurationPropertyName.of(name.toString().replace('-', '.'));
  }

  /** Without the value, which may be a password under the wrong name. */
  private static String told(ConfigurationProperty property, Set<ConfigurationPropertyName> known) {
    String name = property.getName().toString();
    String nearest =
        known.stream()
            .map(ConfigurationPropertyName::toString)
            .min(Comparator.comparingInt(key -> distance(key, name)))
            .orElse("none");
    return "%s (%s), the nearest known key is %s".formatted(name, property.getOrigin(), nearest);
  }

  /** Levenshtein's: how many letters to insert, delete or replace. */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j - 1], diagonal) + 1);
      }
    }
    return row[other.length()];
  }
}
