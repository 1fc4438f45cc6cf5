# 公开首页

home-title = 有话好好说，说定就算数
home-what = 消费者、商家和调解员在视频里面对面。谈成了，各自在自己的设备上签名，任何人都可以核验。
home-sample = 这是演示服务，案件都是虚构的
home-meet = 见面
home-meet-what = 点开短信里的链接，不装软件，不注册。
home-agree = 商定
home-agree-what = 条款逐字看得见；调解员也可以单独和一方谈。
home-sign = 签名
home-sign-what = 密钥只在您的设备上。您看到什么，就签什么。
home-check = 核验
home-check-what = 协议写入公开日志，多年以后仍可独立核验。
home-doors = 入口
home-verify = 核验一份协议
home-verify-what = 文件、粘贴或二维码
home-station = 服务站屏幕
home-station-what = 在店里参加调解
home-desk = 调解员登录
home-desk-what = 案件与会场
home-link = 您收到了调解链接？请直接点开短信里的完整链接，不用在这里登录。
home-law = 调解自愿。协议本身不能直接申请强制执行；可以依法申请司法确认。
home-policy = 核验策略文件
home-log = 公开日志检查点
