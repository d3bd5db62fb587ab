/** Where the browser starts: translation first, so that nothing is drawn in the wrong language. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { addFonts } from './fonts.ts';
import { startTranslation } from './i18n.ts';

addFonts();
await startTranslation();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
