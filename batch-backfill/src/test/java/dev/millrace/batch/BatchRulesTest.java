package dev.millrace.batch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class BatchRulesTest {

  private static final Class<?>[] SHARED = {
    BatchException.class,
    Build.class,
    Code.class,
    Lake.class,
    LakeOption.class,
    Lineage.class,
    Sessions.class,
    Steps.class
  };

  private final JavaClasses batch =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.millrace.batch");

  @Test
  void itHasOneDoor() {
    classes()
        .that()
        .areTopLevelClasses()
        .and()
        .doNotHaveSimpleName("BatchBackfill")
        .and()
        .doNotHaveSimpleName("package-info")
        .and()
        .doNotHaveSimpleName("GoldCommand")
        .and()
        .doNotHaveSimpleName("PublishGoldCommand")
        // What its packages share.
        .and(not(belongToAnyOf(SHARED)))
        .should()
        .notBePublic()
        .because("it offers a program, not classes")
        .check(batch);
  }

  @Test
  void itDecidesNothing() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("dev.millrace.core.cleansing.Cleansing$Outcome")
        .because(
            "a host moves bytes; what becomes of an event is decided in schemas.stage and core")
        .check(batch);
  }

  @Test
  void itKnowsNoService() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.millrace.ingest..",
            "dev.millrace.cleansing..",
            "dev.millrace.features..",
            "dev.millrace.scoring..",
            "dev.millrace.streams..",
            "dev.millrace.sink..",
            "dev.millrace.local..")
        .because("services meet in topics, and batch meets them in tables")
        .check(batch);
  }
}
