package dev.millrace.streams;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;

/**
 * How every service is built: one flat package, one public class, no other service, no printing.
 */
public final class ServiceRules {

  private ServiceRules() {}

  public static void check(Class<?> application) {
    String itsPackage = application.getPackageName();
    JavaClasses service =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(itsPackage);

    classes()
        .that()
        .areTopLevelClasses()
        .and()
        .doNotHaveSimpleName(application.getSimpleName())
        .and()
        .doNotHaveSimpleName("package-info")
        .should()
        .notBePublic()
        .because("a service offers topics and endpoints, not classes")
        .check(service);
    classes()
        .should()
        .resideInAPackage(itsPackage)
        .because("a service is one flat package until a reader gets lost")
        .check(service);
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages(otherServices(itsPackage))
        .because("services meet in topics")
        .check(service);
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .because("what is worth telling is an outcome, a metric or a log line")
        .check(service);
  }

  private static String[] otherServices(String itsPackage) {
    return Stream.of("ingest", "cleansing", "features", "scoring")
        .map(name -> "dev.millrace." + name)
        .filter(name -> !name.equals(itsPackage))
        .map(name -> name + "..")
        .toArray(String[]::new);
  }
}
