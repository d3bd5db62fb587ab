/** The hub's complaints about single inputs, as a form of @mantine/form takes them. */
import { HubInputError } from '../../hub-api/client-errors.ts';

/** @param words for fields whose only refusal left, after the form's own checks, is known: in the reader's language. */
export function inputErrors(
  error: Error,
  words: Readonly<Record<string, string>> = {},
): Record<string, string> {
  if (!(error instanceof HubInputError)) return {};
  return Object.fromEntries(
    Object.entries(error.fields).map(([field, messages]) => [field, words[field] ?? messages.join(' ')]),
  );
}
