import '../theme/fonts.css';
import '../theme/mantine.css';
import '../theme/tokens.css';
import '../theme/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '../app.js';
import { OperatorApp } from './operator-app.js';

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <App>
      <OperatorApp />
    </App>
  </StrictMode>,
);
