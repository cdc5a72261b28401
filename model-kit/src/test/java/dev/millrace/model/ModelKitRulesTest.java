package dev.millrace.model;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ModelKitRulesTest {

  private static final JavaClasses KIT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.millrace.model");

  @Test
  void onlyOneClassKnowsTheRuntime() {
    noClasses()
        .that(not(belongToAnyOf(OnnxModel.class)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(KIT);
  }

  @Test
  void onlyOneClassKnowsYaml() {
    noClasses()
        .that(not(belongToAnyOf(Document.class)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.yaml..")
        .check(KIT);
  }

  @Test
  void nothingIsLoggedOrPrinted() {
    noClasses().should(ACCESS_STANDARD_STREAMS).check(KIT);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "org.slf4j..", "java.lang.System$Logger")
        .check(KIT);
  }
}
