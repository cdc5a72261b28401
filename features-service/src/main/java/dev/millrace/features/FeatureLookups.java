package dev.millrace.features;

import dev.millrace.core.features.FeatureFold;
import dev.millrace.streams.StreamsKit;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import tools.jackson.databind.json.JsonMapper;

/** Wires {@link FeatureLookup} to the stores here and to the other instances. */
@Configuration(proxyBeanMethods = false)
class FeatureLookups {

  @Bean
  ServedSets servedSets(FeatureFold fold) {
    return new ServedSets(List.of(new ServedSet(fold, FeaturesTopology.ACTIVITY_BY_USER)));
  }

  /** Static, as Spring asks of what looks at other beans while they are made. */
  @Bean
  static GroupConsumers groupConsumers() {
    return new GroupConsumers();
  }

  @Bean
  static BeanPostProcessor watchedConsumers(GroupConsumers consumers) {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof StreamsBuilderFactoryBean factory) {
          factory.setClientSupplier(consumers);
        }
        return bean;
      }
    };
  }

  @Bean
  Freshness freshness(
      ObjectProvider<StreamsBuilderFactoryBean> factories,
      GroupConsumers consumers,
      Admin admin,
      ServedSets sets) {
    return new Freshness(
        new StreamsGroup(factories, consumers, admin, sets),
        System::nanoTime,
        StreamsKit::endProcess);
  }

  @Bean
  Lookups lookups(
      ObjectProvider<StreamsBuilderFactoryBean> factories, Freshness freshness, JsonMapper json) {
    return new Lookups(new StreamsStates(factories, freshness), new HttpInstances(json));
  }
}
