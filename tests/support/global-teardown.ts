import { stopServices } from './global-setup';

// biome-ignore lint/style/noDefaultExport: jest looks for one
export default stopServices;
