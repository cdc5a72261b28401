package dev.millrace.local;

import dev.millrace.core.Activation;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.schemas.ContractDeclaration;
import dev.millrace.schemas.Contracts;
import dev.millrace.schemas.DeclaredKind;
import dev.millrace.schemas.FeatureSetDeclaration;
import dev.millrace.schemas.SourceMapping;

/**
 * What a YAML file declares, compiled.
 *
 * @param kind as activations name it
 * @param canonical the artifact
 */
@SuppressWarnings("ArrayRecordComponent") // kept and forgotten, never compared
record Declared(String kind, String name, int version, String sha256, byte[] canonical) {

  /**
   * Compiles it.
   *
   * @param file its name, for messages
   * @throws dev.millrace.schemas.DeclarationException with every problem and its line
   * @throws CommandException if it is sound, but nothing here would ever ask for it
   */
  static Declared of(String file, String yaml) {
    return switch (DeclaredKind.of(file, yaml)) {
      case SOURCE -> source(SourceMapping.compile(file, yaml));
      case CONTRACT -> contract(file, ContractDeclaration.compile(file, yaml));
      case FEATURE_SET -> featureSet(FeatureSetDeclaration.compile(file, yaml));
    };
  }

  private static Declared source(SourceMapping mapping) {
    return new Declared(
        Activation.SOURCE,
        mapping.name(),
        mapping.version(),
        mapping.sha256(),
        mapping.canonical());
  }

  private static Declared contract(String file, ContractDeclaration declaration) {
    Contract contract = declaration.contract();
    if (!contract.name().equals(Contracts.NAME)) {
      throw new CommandException(
          "%s declares the contract '%s', and the one that decides is called '%s'. Name it so."
              .formatted(file, contract.name(), Contracts.NAME));
    }
    return new Declared(
        Activation.CONTRACT,
        contract.name(),
        contract.version(),
        contract.sha256(),
        declaration.canonical());
  }

  private static Declared featureSet(FeatureSetDeclaration declaration) {
    FeatureSet set = declaration.set();
    return new Declared(
        Activation.FEATURE_SET, set.name(), set.version(), set.sha256(), declaration.canonical());
  }
}
