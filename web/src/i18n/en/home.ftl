# The public home

home-title = Talk it over. What you agree stands.
home-what = Consumer, shop and mediator meet face to face by video. When they agree, each signs on their own device, and anybody can check it.
home-sample = This is a demonstration; all cases are made up
home-meet = Meet
home-meet-what = Open the link in your message. No app, no account.
home-agree = Agree
home-agree-what = Every word of the terms is visible; the mediator may talk with one side alone.
home-sign = Sign
home-sign-what = The key is on your device only. What you see is what you sign.
home-check = Check
home-check-what = Settlements go into a public log and can be checked independently for years.
home-doors = Doors
home-verify = Check a settlement
home-verify-what = By file, paste or QR code
home-station = Station screen
home-station-what = Take part from the shop
home-desk = Mediators
home-desk-what = Cases and the room
home-link = You were sent a link to a mediation? Open the complete link in your message; there is nothing to sign in to here.
home-law = Mediation is voluntary. A settlement can’t be enforced by itself; judicial confirmation may be applied for where the law allows.
home-policy = Policy file for verifying
home-log = Checkpoint of the public log
