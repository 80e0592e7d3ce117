package dev.remora.examples;

import dev.remora.pool.Backend;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands of the runnable jar. A wrong command line prints the usage and exits 2; what fails later exits 1. */
@Command(
        name = "remora-examples",
        synopsisHeading = "Usage: java -jar remora-examples.jar [-hV] COMMAND%n",
        customSynopsis = "",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Gateways that show what Remora does, and a tool to load them.",
        subcommands = {ChatGateway.class, ServletGateway.class, TraceReplay.class})
public final class Main implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .registerConverter(Backend.class, new BackendFlag())
                .registerConverter(Duration.class, new DurationFlag())
                .setAbbreviatedOptionsAllowed(false)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::showUsage)
                .setExecutionExceptionHandler(Main::showReason);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    private static int showUsage(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        showError(command, wrong);
        UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
        command.usage(command.getErr(), command.getColorScheme());
        return CommandLine.ExitCode.USAGE;
    }

    /** What was to be expected is told in one line; anything else is a bug, and shows where. */
    private static int showReason(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (!(failure instanceof CommandFailed)) {
            throw failure;
        }
        showError(command, failure);
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static void showError(CommandLine command, Exception failure) {
        String message = String.valueOf(failure.getMessage());
        command.getErr().println(command.getColorScheme().errorText(message));
    }
}
