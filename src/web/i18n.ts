/**
 * The language of the pages: the reader's choice where they made one, else the browser's. Both locales are in the bundle: a
 * switch needs no request. Every string on a page comes from locales/*.json, and tsc checks the keys.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './locales/en.json';
import ptBR from './locales/pt-BR.json';

export const languages = { en: 'English', 'pt-BR': 'Português (Brasil)' } as const;
export type Language = keyof typeof languages;

const storageKey = 'cais.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

export async function startTranslation(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  await i18next.use(initReactI18next).init({
    lng: preferredLanguage(localStorage.getItem(storageKey), navigator.languages),
    fallbackLng: 'en',
    resources: { en: { translation: en }, 'pt-BR': { translation: ptBR } },
    // React escapes.
    interpolation: { escapeValue: false },
  });
}

export async function switchLanguage(language: Language): Promise<void> {
  localStorage.setItem(storageKey, language);
  await i18next.changeLanguage(language);
}

/** @param chosen what the reader chose earlier; @param offered the browser's languages, most wanted first. */
export function preferredLanguage(chosen: string | null, offered: readonly string[]): Language {
  if (chosen !== null && chosen in languages) return chosen as Language;
  for (const language of offered) {
    if (/^pt\b/i.test(language)) return 'pt-BR';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'en';
}
