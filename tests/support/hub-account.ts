/** Accounts and tokens of a hub under test, over its HTTP API. */
import { expect } from 'bun:test';

export async function signUp(hubUrl: string, username: string, password: string): Promise<void> {
  const answer = await post(`${hubUrl}/v2/users/signup/`, {
    username,
    password,
    email: `${username}@example.com`,
  });
  if (!answer.ok) expect.unreachable(`sign-up failed: ${answer.status} ${await answer.text()}`);
}

/** A session token of Docker Hub's API. */
export async function sessionOf(hubUrl: string, username: string, password: string): Promise<string> {
  const answer = await post(`${hubUrl}/v2/users/login`, { username, password });
  const body = (await answer.json()) as { token: string };
  return body.token;
}

/** A registry token for this scope. */
export async function tokenFor(
  hubUrl: string,
  username: string,
  password: string,
  scope: string,
): Promise<string> {
  const url = `${hubUrl}/token?scope=${encodeURIComponent(scope)}&service=test&account=${username}`;
  const answer = await fetch(url, { headers: { Authorization: `Basic ${btoa(`${username}:${password}`)}` } });
  const body = (await answer.json()) as { token: string };
  return body.token;
}

async function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}
