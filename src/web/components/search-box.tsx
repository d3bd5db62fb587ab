/** A search field that leads to the results' page. */
import { Button, Group, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { searchPath } from '../routes.ts';

interface SearchBoxProps {
  readonly size?: 'sm' | 'md';
  readonly initial?: string;
  readonly withButton?: boolean;
}

export function SearchBox({ size = 'sm', initial = '', withButton = false }: SearchBoxProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState(initial);
  const search = (event: FormEvent) => {
    event.preventDefault();
    void navigate(searchPath({ query: text.trim() }));
  };
  return (
    <search>
      <form onSubmit={search}>
        <Group gap="xs" wrap="nowrap">
          <TextInput
            type="search"
            size={size}
            flex={1}
            aria-label={t('frame.search')}
            placeholder={t('frame.searchPlaceholder')}
            leftSection={<IconSearch size={size === 'md' ? 18 : 16} aria-hidden />}
            value={text}
            maxLength={200}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {withButton && (
            <Button type="submit" size={size}>
              {t('home.searchButton')}
            </Button>
          )}
        </Group>
      </form>
    </search>
  );
}
