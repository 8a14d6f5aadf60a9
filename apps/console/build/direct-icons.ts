import type { Plugin } from 'vite';

const ICONS = /import \{([^}]+)\} from ['"]@tabler\/icons-react['"];?/g;

/** Icons are imported from their own files: the package's index would make every build read six thousand of them. */
export function directIcons(): Plugin {
  return {
    name: 'ecolink:direct-icons',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.tsx?($|\?)/.test(id) || id.includes('node_modules') || !code.includes('@tabler/icons-react')) return null;
      return code.replaceAll(ICONS, (_, names: string) =>
        names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '' && !name.startsWith('type '))
          .map((name) => `import ${name} from '@tabler/icons-react/dist/esm/icons/${name}.mjs';`)
          .join(' '),
      );
    },
  };
}
