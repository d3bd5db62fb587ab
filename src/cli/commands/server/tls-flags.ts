/** The flags of TLS on the hub's port. Their meaning is in the hub's tls-config.ts. */
import { list, string } from '../../flags.ts';

export const tlsFlags = {
  'tls-cert': string("File of the hub's certificate and its chain, in PEM; read again when it changes"),
  'tls-key': string("File of the key of the hub's certificate, in PEM"),
  acme: list('Domain to get a certificate for by ACME, agreeing to the terms of the authority'),
  'acme-email': string('Mail address that the authority may write to'),
  'acme-directory': string(
    'Address of the authority (default "https://acme-v02.api.letsencrypt.org/directory")',
  ),
  'http-listen': string(
    'Address that answers plain HTTP with the way to https (with --acme default "0.0.0.0:80")',
  ),
};
