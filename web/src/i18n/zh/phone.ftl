# 手机和服务站页面

opening = 正在打开
opening-what = 正在核对您的邀请
step = 第 { $at } 步，共 { $of } 步

## 邀请
invited-title = { $name }，请您参加视频调解
invited-by = 调解员
invited-about = 事由
invited-as = 您的身份
invited-until = 链接有效期至
invited-what = 接下来：看一看规则，试一试声音和画面，然后进入。大约两分钟。
invited-not-you = 不是{ $name }？请关闭此页，并告诉发给您链接的人。
invited-go = 下一步

## 规则
rules-title = 请先看调解规则
rules-version = 规则版本 { $version }，文本指纹 { $hash }
rules-accept = 我已阅读并接受以上规则
rules-publication = 我同意公开隐去姓名的调解结果
rules-publication-more = 自愿选择，不勾选不影响调解。双方都同意才会公开。
rules-go = 下一步
rules-tick = 勾选“接受”后可以继续

## 声音和画面
devices-title = 试一试声音和画面
devices-asking = 正在打开摄像头和麦克风
devices-allow = 浏览器会询问，请点“允许”。
devices-say = 请说一句话
devices-heard = 听得到您
devices-meter = 麦克风音量
devices-no-audio = 没有打开麦克风
devices-no-audio-kept = 您仍然可以看、听，并用文字交流。
devices-no-video = 没有打开摄像头
devices-no-video-kept = 您仍然可以用声音参加。
devices-why-refused = 权限被拒绝了。请在浏览器设置里允许，然后再试。
devices-why-absent = 没有找到设备。可以接上后再试。
devices-why-busy = 设备正被别的程序占用，请关闭后再试。
devices-why-interrupted = 设备被打断了，请再试一次。
devices-recording = 不录音、不录像。点“进入”后，这个链接就归这台设备使用。
devices-go = 进入
devices-go-sound = 只用声音进入
devices-go-picture = 只用画面进入
devices-go-none = 只看和听，进入

## 等候
waiting-title = { $mediator }马上请您进来
waiting-known = { $mediator }那边会显示您在等候。通常几分钟。
waiting-next-1 = 调解员请您进入，并核对您的身份。请备好身份证件。
waiting-next-2 = 各方到齐后，面对面谈。
waiting-next-3 = 谈成了，就在这台设备上看条款、签名。
waiting-test = 等候时试试声音
waiting-chime = 播放提示音
waiting-chime-again = 再听一次
waiting-leave = 不等了，离开

## 进不去时
unfit-title = 这个浏览器不能视频调解
unfit-app-title = 请在系统浏览器中打开
unfit-kept = 链接还没有用掉，可以放心换一个浏览器打开。
unfit-app-1 = 在{ $app }右上角点“···”。
unfit-app-2 = 选择“在浏览器打开”。
unfit-app-3 = 如果没有这一项，就复制下面的链接，粘贴到手机自带的浏览器里。
unfit-1 = 复制下面的链接。
unfit-2 = 在手机自带的浏览器（或 Chrome、Safari、Edge 的新版）里粘贴打开。
unfit-copy = 复制链接
unfit-copied = 已复制
unfit-lacks = 缺少：{ $lacks }
lacks-secure = 安全连接（HTTPS）
lacks-webrtc = 视频通话
lacks-media = 摄像头和麦克风
lacks-crypto = 签名功能
lacks-storage = 本机存储
app-wechat = 微信
app-qq = QQ
app-alipay = 支付宝
app-dingtalk = 钉钉
app-weibo = 微博
trouble-title = 现在打不开
trouble-kept = 您的链接没有用掉。
trouble-todo = 请稍等再试；一直不行，请打电话给调解员。
trouble-ask = 请联系发给您链接的调解员，请他再发一个。
trouble-back = 返回
trouble-used-me = 是我本人，请调解员让我进
trouble-used-what = 如果是您本人换了手机或浏览器，可以请调解员让这台设备进来；原来的设备会退出。
trouble-invitation_used-title = 这个链接已经用过了
trouble-invitation_used = 它已经在另一台设备上打开并进入过。
trouble-invitation_expired-title = 这个链接已过期
trouble-invitation_expired = 为了安全，邀请链接只在一段时间内有效。
trouble-invitation_revoked-title = 这个链接已作废
trouble-invitation_revoked = 调解员收回了它。
trouble-invitation_locked-title = 会场已经关门
trouble-invitation_locked = 调解员暂时不再请人进来。
trouble-invitation_unknown-title = 没有找到这个邀请
trouble-invitation_unknown = 链接可能没有复制完整。
trouble-invitation_over-title = 这次调解已经结束
trouble-invitation_over = 链接所属的会场已经关闭。
trouble-device_refused-title = 调解员没有请您进入
trouble-device_refused = 如果您认为弄错了，请打电话给调解员。
trouble-device_removed-title = 您已不在会场
trouble-device_removed = 您已被请出会场。如有疑问，请打电话给调解员。
trouble-device_replaced-title = 已换到另一台设备
trouble-device_replaced = 调解员让您的另一台设备进入，这台已退出。
trouble-no_link-title = 请从邀请链接打开
trouble-no_link = 这个页面要用短信里的完整链接打开。
trouble-device_gone-title = 这台设备不在会场里了
trouble-device_gone = 可能已经离开，或者换成了另一台设备。
problem-network = 网络不通。
problem-browser = 浏览器没有完成这一步。
problem-rules = 规则刚刚更新了，请再看一遍。
problem-busy = 现在人比较多。
problem-server = 服务器没有完成这一步（{ $code }）。
problem-kept = 您填写和选择的都还在，链接没有用掉。
problem-again = 请再点一次。

## 会场
sheet-terms = 条款
sheet-chat = 聊天
sheet-more = 更多
tab-terms = 条款
tab-chat = 聊天
tab-documents = 材料
tab-people = 人员
caucus-meanwhile = 这段时间您可以整理票据、照片。
quiet-heard = 听得到您
quiet-muted = 您已静音
quiet-over = 通话已结束
receipt-leave = 离开会场

## 结束
over-adjourned-title = 今天先到这里
over-adjourned = 调解员宣布休会。谈过的内容都已保存。
over-adjourned-next = 下次会再发给您链接。
over-terminated-title = 调解已终止
over-terminated = 这次没有达成协议。
over-terminated-next = 您仍可以起诉，或按约定申请仲裁。终止通知会另行送达。
over-superseded-title = 已在另一个窗口打开
over-superseded = 同一台设备上，会场只能开在一个窗口里。
over-here = 改在这里打开
over-refused-title = 调解员没有请您进入
over-refused = 如果您认为弄错了，请打电话给调解员。
over-removed-title = 您已不在会场
over-removed = 您已被请出，或者换成了另一台设备。如有疑问，请打电话给调解员。
over-gone-title = 会场已关闭
over-gone = 调解已经结束，或者连接不上了。
over-ground = 理由
over-next = 下次时间
left-title = 您已离开
left-phone = 谢谢您。现在可以关闭此页。
left-station = 本机上的签名密钥、填写的内容和登录都已清除。

## 服务站
idle-title = 在这里参加视频调解
idle-what = 收到邀请后，点下面的按钮开始。
idle-start = 我有邀请
idle-link = 邀请链接
idle-link-hint = 扫描或输入收到的链接
idle-link-wrong = 这不像完整的邀请链接。请核对后再试。
idle-go = 打开
idle-private = 离开时，本机不留下任何内容。
station-finish = 结束并清除本机内容
station-next = 回到首页
