/** The flags before the command's name. */
import { bool, list, optionalBool, string, stringOr } from './flags.ts';

export const globalFlags = {
  config: string('Location of client config files (default "~/.docker")'),
  context: string(
    'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "cais context use")',
    'c',
  ),
  debug: bool('Enable debug mode', 'D'),
  host: list('Daemon socket to connect to (default unix:///run/cais/engine.sock)', 'H'),
  'log-level': stringOr('info', 'Set the logging level ("debug", "info", "warn", "error", "fatal")', 'l'),
  tls: optionalBool('Use TLS; implied by --tlsverify'),
  tlscacert: string('Trust certs signed only by this CA (default "~/.docker/ca.pem")'),
  tlscert: string('Path to TLS certificate file (default "~/.docker/cert.pem")'),
  tlskey: string('Path to TLS key file (default "~/.docker/key.pem")'),
  tlsverify: optionalBool('Use TLS and verify the remote'),
  version: bool('Print version information and quit', 'v'),
};
