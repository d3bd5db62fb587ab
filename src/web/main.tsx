/** Where the browser starts: translation first, so that nothing is drawn in the wrong language. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { addFonts } from './fonts.ts';
import { readersLanguage, startTranslation } from './i18n.ts';
import { showStartFailure } from './start-failure.ts';

addFonts();
const root = document.getElementById('root');
if (root) await start(root);

async function start(element: HTMLElement): Promise<void> {
  const language = readersLanguage();
  try {
    await startTranslation(language);
  } catch {
    showStartFailure(element, language);
    return;
  }
  createRoot(element).render(<App />);
}
