import { expect, test } from 'bun:test';
import { mayReceiveCredentials } from './credentials.ts';

test.each([
  ['https://registry.example.org/token', 'https://registry.example.org', true],
  ['https://auth.docker.io/token', 'https://registry-1.docker.io', true],
  ['https://gitlab.com/jwt/auth', 'https://registry.gitlab.com', true],
  ['http://127.0.0.1:5001/token', 'http://127.0.0.1:5000', true],
  ['http://localhost:5001/token', 'http://127.0.0.1:5000', true],
  ['http://10.0.0.9:5000/token', 'http://10.0.0.9:5000', true],
  ['http://registry.example.org/token', 'https://registry.example.org', false],
  ['https://evil.example/token', 'https://registry.example.org', false],
  ['https://evil.com.br/token', 'https://registro.com.br', false],
  ['https://evil.co.uk/token', 'https://registry.co.uk', false],
  ['https://evil.com/token', 'https://registry.com', false],
  ['https://127.0.0.1/token', 'https://registry.example.org', false],
  ['http://10.0.0.8/token', 'http://10.0.0.9', false],
  ['http://evil.example/token', 'http://127.0.0.1:5000', false],
  ['https://user:x@registry.example.org/token', 'https://registry.example.org', false],
])('the password of a registry: may %p see that of %p? %p', (realm, registry, expected) => {
  expect(mayReceiveCredentials(new URL(realm), new URL(registry))).toBe(expected);
});
