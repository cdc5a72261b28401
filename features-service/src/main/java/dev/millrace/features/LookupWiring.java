package dev.millrace.features;

import dev.millrace.streams.StreamsKit;
import org.apache.kafka.clients.admin.Admin;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import tools.jackson.databind.json.JsonMapper;

/** Wires {@link FeatureLookup} to the stores here and to the other instances. */
@Configuration(proxyBeanMethods = false)
class LookupWiring {

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
      ObjectProvider<StreamsBuilderFactoryBean> factories, GroupConsumers consumers, Admin admin) {
    return new Freshness(
        new StreamsGroup(factories, consumers, admin), System::nanoTime, StreamsKit::endProcess);
  }

  @Bean
  Lookups lookups(
      ObjectProvider<StreamsBuilderFactoryBean> factories, Freshness freshness, JsonMapper json) {
    return new Lookups(new StreamsStates(factories, freshness), new HttpInstances(json));
  }
}
