package dev.millrace.sink;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DeltaSinkRulesTest {

  private final JavaClasses sink =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.millrace.sink");

  @Test
  void onlyWhatConnectMakesByNameIsPublic() {
    classes()
        .that()
        .areTopLevelClasses()
        .and()
        .doNotBelongToAnyOf(DeltaSinkConnector.class, DeltaSinkTask.class)
        .and()
        .doNotHaveSimpleName("package-info")
        .should()
        .notBePublic()
        .check(sink);
  }

  @Test
  void nothingIsPrinted() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(TableRows.class) // a program, whose answer it is
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .because("what is worth telling is an outcome or a log line")
        .check(sink);
  }

  @Test
  void whatIsInternalToKernelIsUsedWhereATableIsWrittenAndWhereItIsReadOnly() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(DeltaTable.class, TableContents.class)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.delta.kernel.internal..")
        .because("it changes without notice")
        .check(sink);
  }
}
