import { fileURLToPath } from 'node:url';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { directIcons } from './build/direct-icons.js';
import { mountPages } from './build/mount-pages.js';
import { precompress } from './build/precompress.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ command }) => ({
  root: here('.'),
  base: command === 'build' ? './' : '/console/',
  resolve: { conditions: ['@ecolink/source', ...defaultClientConditions] },
  plugins: [
    tanstackRouter({
      target: 'react',
      autoCodeSplitting: true,
      routesDirectory: here('src/routes'),
      generatedRouteTree: here('src/route-tree.gen.ts'),
      quoteStyle: 'single',
      semicolons: true,
      disableLogging: true,
    }),
    directIcons(),
    react(),
    mountPages(),
    precompress(here('dist')),
  ],
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    outDir: here('dist'),
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { input: [here('index.html'), here('operator.html')] },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/v1': 'http://127.0.0.1:8080', '/platform': 'http://127.0.0.1:8080' } },
}));
