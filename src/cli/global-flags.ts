/** The flags before the command's name. */
import { bool, list, string, stringOr } from './flags.ts';

export const globalFlags = {
  config: string('Location of client config files (default "~/.docker")'),
  context: string('Name of the context to use to connect to the daemon: only "default" is known here', 'c'),
  debug: bool('Enable debug mode', 'D'),
  host: list('Daemon socket to connect to (default unix:///run/cais/engine.sock)', 'H'),
  'log-level': stringOr('info', 'Set the logging level ("debug", "info", "warn", "error", "fatal")', 'l'),
  version: bool('Print version information and quit', 'v'),
};
