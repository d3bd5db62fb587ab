/** The hub's complaints about single inputs, as a form of @mantine/form takes them. */
import { HubInputError } from '../../hub-api/client.ts';

export function inputErrors(error: Error): Record<string, string> {
  if (!(error instanceof HubInputError)) return {};
  return Object.fromEntries(
    Object.entries(error.fields).map(([field, messages]) => [field, messages.join(' ')]),
  );
}
