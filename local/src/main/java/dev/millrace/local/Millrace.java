package dev.millrace.local;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program behind the script {@code ./millrace}. */
@Command(
    name = "millrace",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    version = "Millrace ${sys:millrace.version}",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed; the message says what, why and what to do",
      "2:wrong usage"
    })
public final class Millrace implements Runnable {

  private static final String TERMINAL_PROPERTY = "millrace.terminal";

  @Spec private CommandSpec spec = CommandSpec.create();

  private Millrace() {}

  public static void main(String[] args) {
    // Ports, counts and generated events are written alike in every country.
    Locale.setDefault(Locale.ROOT);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, args));
  }

  /** Runs one command; returns its exit code. */
  static int run(PrintStream out, PrintStream err, String... args) {
    Home home;
    try {
      home = Home.ofThisJvm();
    } catch (CommandException e) {
      err.println(told(e));
      return CommandLine.ExitCode.SOFTWARE;
    }
    // Where logback.xml puts this program's own log.
    System.setProperty(Home.WORK_PROPERTY, home.work().toString());
    Console console = new Console(out, Boolean.getBoolean(TERMINAL_PROPERTY));
    return commandLine(home, console)
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .execute(args);
  }

  static CommandLine commandLine(Home home, Console console) {
    CommandLine commandLine =
        new CommandLine(new Millrace())
            .addSubcommand(new UpCommand(home, console))
            .addSubcommand(new DemoCommand(home, console))
            .addSubcommand(new PublishCommand(home, console))
            .addSubcommand(new GenerateCommand(console))
            .addSubcommand(new CheckCommand(home, console))
            .addSubcommand(new ActivateCommand(home, console))
            .addSubcommand(new StatusCommand(home, console))
            .addSubcommand(new QuarantinedCommand(home, console))
            .addSubcommand(new DigestCommand(home, console))
            .addSubcommand(new ProveCommand(home, console))
            .addSubcommand(new DownCommand(home, console));
    for (BatchCommand batch : BatchCommand.values()) {
      commandLine.addSubcommand(batch.command(), batch.commandLine(home));
    }
    commandLine.setParameterExceptionHandler(
        (mistake, arguments) -> {
          CommandLine command = mistake.getCommandLine();
          command.getErr().println(told(mistake, command));
          return CommandLine.ExitCode.USAGE;
        });
    return commandLine.setExecutionExceptionHandler(
        (exception, command, result) -> {
          command.getErr().println(message(exception, home));
          return CommandLine.ExitCode.SOFTWARE;
        });
  }

  /** In one line; who wants to read all of the help asks for it. */
  private static String told(ParameterException mistake, CommandLine command) {
    String what =
        mistake instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()
            ? "'%s' means nothing here".formatted(unmatched.getUnmatched().get(0))
            : String.valueOf(mistake.getMessage()).replaceAll("^Error: |\\.?\\s*$", "");
    return "millrace: %s. See ./%s --help"
        .formatted(what, command.getCommandSpec().qualifiedName());
  }

  private static String message(Exception exception, Home home) {
    Logger log = LoggerFactory.getLogger(Millrace.class);
    if (exception instanceof CommandException mistake) {
      // What has no cause is a mistake of the user: telling it is enough.
      if (mistake.getCause() != null) {
        log.warn("The command failed: {}", mistake.getMessage(), mistake.getCause());
      }
      return told(mistake);
    }
    log.error("The command failed", exception);
    return "millrace: %s (details in %s)".formatted(exception, home.log("millrace"));
  }

  private static String told(CommandException exception) {
    return "millrace: " + exception.getMessage();
  }

  /** Without a command there is only help to give. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
