// The component kit, for pages. Each part is one file.
export { Avatar } from "./Avatar";
export { Button } from "./Button";
export { Card } from "./Card";
export { Checkbox, Select, TextArea, TextField } from "./Field";
export { HoldToSign } from "./HoldToSign";
export { Icon, type IconName } from "./Icon";
export { LiveRegion, say } from "./live";
export { Meter } from "./Meter";
export { Money } from "./Money";
export { Notice } from "./Notice";
export { Progress, Steps } from "./Progress";
export { largeText, Preferences, restoreText, setLargeText } from "./prefs";
export { QrCode } from "./QrCode";
export { Seal } from "./Seal";
export { SegmentedControl } from "./SegmentedControl";
export { Sheet } from "./Sheet";
