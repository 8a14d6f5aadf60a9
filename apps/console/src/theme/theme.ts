import {
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

const accent: MantineColorsTuple = [
  '#E2F1F4',
  '#C5E3E9',
  '#9BD2DD',
  '#74D3E6',
  '#52C5DC',
  '#2FA3BB',
  '#157F96',
  '#0B6B80',
  '#0A5F72',
  '#084B5B',
];
const gray: MantineColorsTuple = [
  '#F6F8F8',
  '#F0F3F4',
  '#E3E8E9',
  '#CDD5D7',
  '#B3BEC1',
  '#87959A',
  '#616D72',
  '#475256',
  '#2B3437',
  '#14191B',
];
const dark: MantineColorsTuple = [
  '#E9EEEF',
  '#AEB9BC',
  '#8A979B',
  '#5F6E73',
  '#323D40',
  '#20282A',
  '#171D1F',
  '#101516',
  '#0B0F10',
  '#060809',
];

/** Mantine picks label colours from the light shade alone; ours come from the tokens, so both schemes reach AA. */
const variantColorResolver: VariantColorsResolver = (input) => {
  if (input.variant === 'filled') {
    const name = input.color === 'red' ? 'bad' : 'accent';
    return {
      background: `var(--ec-${name})`,
      hover: name === 'bad' ? 'var(--ec-bad)' : 'var(--ec-accent-hover)',
      color: name === 'bad' ? 'var(--ec-surface)' : 'var(--ec-on-accent)',
      border: '1px solid transparent',
    };
  }
  if (input.variant === 'light') {
    return {
      background: 'var(--ec-accent-soft)',
      hover: 'var(--ec-accent-soft)',
      color: 'var(--ec-accent-text)',
      border: '1px solid transparent',
    };
  }
  if (input.variant === 'subtle') {
    return { background: 'transparent', hover: 'var(--ec-sunken)', color: 'var(--ec-text-2)', border: '1px solid transparent' };
  }
  if (input.variant === 'default') {
    return {
      background: 'var(--ec-surface)',
      hover: 'var(--ec-sunken)',
      color: 'var(--ec-text)',
      border: '1px solid var(--ec-line-2)',
    };
  }
  return defaultVariantColorsResolver(input);
};

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  colors: { accent, gray, dark },
  fontFamily: 'var(--ec-font-ui)',
  fontFamilyMonospace: 'var(--ec-font-mono)',
  defaultRadius: 8,
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '10px', xl: '12px' },
  variantColorResolver,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', size: 28 } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right', allowDeselect: false } },
    Tooltip: { defaultProps: { openDelay: 300, withinPortal: true, events: { hover: true, focus: true, touch: false } } },
    Menu: {
      defaultProps: {
        withInitialFocusPlaceholder: false,
        withinPortal: false,
        transitionProps: { duration: 80 },
        shadow: 'none',
      },
    },
    SegmentedControl: { defaultProps: { withItemsBorders: false } },
    Modal: {
      defaultProps: {
        transitionProps: { duration: 120, transition: 'fade' },
        centered: true,
        overlayProps: { backgroundOpacity: 0.34 },
      },
    },
    Drawer: {
      defaultProps: { position: 'right', transitionProps: { duration: 160 }, overlayProps: { backgroundOpacity: 0.34 } },
    },
    Popover: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'none' } },
  },
});

const both = {
  '--mantine-color-body': 'var(--ec-surface)',
  '--mantine-color-text': 'var(--ec-text)',
  '--mantine-color-dimmed': 'var(--ec-text-3)',
  '--mantine-color-placeholder': 'var(--ec-text-3)',
  '--mantine-color-anchor': 'var(--ec-accent-text)',
  '--mantine-color-error': 'var(--ec-bad)',
  '--mantine-color-default': 'var(--ec-surface)',
  '--mantine-color-default-hover': 'var(--ec-sunken)',
  '--mantine-color-default-color': 'var(--ec-text)',
  '--mantine-color-default-border': 'var(--ec-line-2)',
  '--mantine-color-disabled': 'var(--ec-sunken)',
  '--mantine-color-disabled-color': 'var(--ec-text-3)',
  '--mantine-color-disabled-border': 'var(--ec-line)',
  '--mantine-primary-color-filled': 'var(--ec-accent)',
  '--mantine-primary-color-filled-hover': 'var(--ec-accent-hover)',
  '--mantine-primary-color-contrast': 'var(--ec-on-accent)',
};

export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, light: both, dark: both });
