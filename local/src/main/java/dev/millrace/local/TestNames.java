package dev.millrace.local;

import java.io.StringReader;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** What the tests in a file beside a contract are called, by the lines that they stand on. */
final class TestNames {

  /** By the line on which a test begins, from 1. */
  private final TreeMap<Integer, String> names = new TreeMap<>();

  private TestNames() {}

  /** Of a file that is no such thing, there are none: others tell what is wrong with it. */
  static TestNames of(String yaml) {
    TestNames found = new TestNames();
    try {
      Node file = new Yaml(new LoaderOptions()).compose(new StringReader(yaml));
      if (member(file, "tests").orElse(file) instanceof SequenceNode tests) {
        tests.getValue().forEach(found::add);
      }
    } catch (YAMLException e) {
      // No YAML.
    }
    return found;
  }

  private void add(Node test) {
    if (member(test, "name").orElse(test) instanceof ScalarNode name) {
      names.put(test.getStartMark().getLine() + 1, name.getValue());
    }
  }

  private static Optional<Node> member(Node node, String name) {
    return node instanceof MappingNode map
        ? map.getValue().stream()
            .filter(
                entry ->
                    entry.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name))
            .map(NodeTuple::getValueNode)
            .findFirst()
        : Optional.empty();
  }

  /** Empty if no test with a name stands there. */
  Optional<String> at(int line) {
    return Optional.ofNullable(names.floorEntry(line)).map(Map.Entry::getValue);
  }
}
