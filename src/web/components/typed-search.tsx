/** The search field of the search page: what is typed is looked for as soon as the typing pauses. */
import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface TypedSearchProps {
  /** What the address says. */
  readonly query: string;
  readonly onChange: (query: string) => void;
}

const typingPause = 250;

export function TypedSearch({ query, onChange }: TypedSearchProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(query);
  const asked = useRef(query);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Back, forward and a link change the address, not the typing.
  useEffect(() => {
    if (query === asked.current) return;
    asked.current = query;
    setText(query);
  }, [query]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const ask = (typed: string): void => {
    clearTimeout(timer.current);
    if (typed.trim() === asked.current) return;
    asked.current = typed.trim();
    onChange(asked.current);
  };
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask(text);
        }}
      >
        <TextInput
          type="search"
          size="md"
          aria-label={t('frame.search')}
          placeholder={t('frame.searchPlaceholder')}
          leftSection={<IconSearch size={18} aria-hidden />}
          value={text}
          maxLength={200}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            setText(typed);
            clearTimeout(timer.current);
            timer.current = setTimeout(() => ask(typed), typingPause);
          }}
        />
      </form>
    </search>
  );
}
