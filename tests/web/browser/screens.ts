/** The screen sizes that every page is checked on. */
export const SCREENS = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
} as const;
export type Screen = keyof typeof SCREENS;
