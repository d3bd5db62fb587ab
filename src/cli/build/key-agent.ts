/**
 * An agent in this process, for keys in files: it lists them and signs with them, nothing else, so that a step can add or
 * remove no key. A chunk of its own. Protocol: draft-ietf-sshm-ssh-agent.
 */
import { sign } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { AgentProtocol, type ParsedKey, utils } from 'ssh2';
import { InvalidError } from '../../lib/errors.ts';

/** In bytes: a key of 16,384 bits has 13,000. */
const maxKeyFile = 100 * 1024;

/** Reads the keys. @returns what opens a connection to their agent. @throws InvalidError naming the file that has no usable key. */
export async function keyAgent(paths: readonly string[]): Promise<() => Duplex> {
  const keys = await Promise.all(paths.map(readKey));
  return () => {
    const agent = new AgentProtocol(false);
    agent.on('identities', (request) => agent.getIdentitiesReply(request, keys));
    agent.on('sign', (request, wanted, data, { hash }) => {
      // What it is asked for is a public key; ours are private ones.
      const key = keys.find((one) => one.getPublicSSH().equals(wanted.getPublicSSH()));
      const signature = key && signatureOf(key, data, hash);
      if (signature) agent.signReply(request, signature);
      else agent.failureReply(request);
    });
    return agent;
  };
}

async function readKey(path: string): Promise<ParsedKey> {
  await using file = await open(path);
  if ((await file.stat()).size > maxKeyFile) throw new InvalidError(`${path} is no ssh key: it is too large`);
  const read = utils.parseKey(await file.readFile());
  const key = read instanceof Error ? read : [read].flat()[0];
  if (key instanceof Error || !key) {
    const isLocked = key?.message.includes('no passphrase given');
    throw new InvalidError(
      isLocked
        ? `${path} is protected by a passphrase: give it to an agent (ssh-add ${path}) and say --ssh default`
        : `${path} is no ssh key that can be read: ${key?.message ?? 'empty'}`,
    );
  }
  if (!key.isPrivateKey()) throw new InvalidError(`${path} is a public key: name the private one`);
  return key;
}

/** As the agent's protocol has it. undefined: the key can not sign so. */
function signatureOf(key: ParsedKey, data: Buffer, hash: string | undefined): Buffer | undefined {
  const bits = /^ecdsa-sha2-nistp(\d+)$/.exec(key.type)?.[1];
  if (bits === undefined) {
    const signature = key.sign(data, hash);
    return signature instanceof Error ? undefined : signature;
  }
  // RFC 5656, section 3.1.2: r and s as two numbers, where OpenSSL says one structure of ASN.1.
  const digest = bits === '256' ? 'sha256' : bits === '384' ? 'sha384' : 'sha512';
  const both = sign(digest, data, { key: key.getPrivatePEM(), dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([
    numberOf(both.subarray(0, both.length / 2)),
    numberOf(both.subarray(both.length / 2)),
  ]);
}

/** An mpint of RFC 4251, section 5: its length, no needless zeros, and one where it would look negative. */
function numberOf(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start);
  const value = digits[0] !== undefined && digits[0] >= 128 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, value]);
}
