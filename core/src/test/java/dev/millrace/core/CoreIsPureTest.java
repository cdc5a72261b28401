package dev.millrace.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.millrace.core.cleansing.PiiKey;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class CoreIsPureTest {

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.millrace.core");

  private static final ArchRule coreKnowsTheJdkAndAFewPureLibrariesOnly =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.millrace.core..",
              "java..",
              "javax.crypto..",
              "org.jspecify.annotations..",
              "com.google.re2j",
              "com.google.i18n.phonenumbers..");

  /** Tokens are made in one place. */
  private static final ArchRule onlyKeysOfTokensKnowCryptography =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(PiiKey.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("javax..");

  private static final ArchRule coreReadsNoClockAndThrowsNoDice =
      noClasses()
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(ZonedDateTime.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class)
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Random")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.UUID")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom");

  private static final ArchRule coreHasNoHashOrderAndNoFloatingMathOfThePlatform =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(HashMap.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(HashSet.class)
          .orShould()
          .callMethod(Math.class, "exp", double.class)
          .orShould()
          .callMethod(Math.class, "log", double.class)
          .orShould()
          .callMethod(Math.class, "pow", double.class, double.class);

  private static final ArchRule coreDoesNoInputOrOutput =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.net..", "java.nio.file..", "java.nio.channels..");

  @Test
  void coreKnowsTheJdkAndAFewPureLibrariesOnly() {
    coreKnowsTheJdkAndAFewPureLibrariesOnly.check(CORE);
  }

  @Test
  void onlyKeysOfTokensKnowCryptography() {
    onlyKeysOfTokensKnowCryptography.check(CORE);
  }

  @Test
  void coreReadsNoClockAndThrowsNoDice() {
    coreReadsNoClockAndThrowsNoDice.check(CORE);
  }

  @Test
  void coreHasNoHashOrderAndNoFloatingMathOfThePlatform() {
    coreHasNoHashOrderAndNoFloatingMathOfThePlatform.check(CORE);
  }

  @Test
  void coreDoesNoInputOrOutput() {
    coreDoesNoInputOrOutput.check(CORE);
  }
}
