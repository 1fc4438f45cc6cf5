//! What a person in a session may ask for. `rights` says who may when, `state` what follows.

use crate::clock::Time;
use crate::ids::{DeviceId, InvitationId, PersonId};
use crate::session::party::{IdentityCheck, Language, Role, Side, Surface};
use crate::settlement::terms::Term;
use serde::{Deserialize, Serialize};

/// One request of a connected device. On the wire `{"do": "say", …}`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ts_rs::TS)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    // ---- anybody who was admitted -------------------------------------------------
    /// A chat line to the people in the same room. At most 2,000 characters.
    Say {
        text: String,
    },
    /// Own microphone off (`true`) or on.
    Mute {
        muted: bool,
    },
    /// Own camera on or off.
    Camera {
        on: bool,
    },
    /// Ask for attention.
    RaiseHand {
        up: bool,
    },
    /// Leave for good. A dropped connection is not leaving.
    Leave,

    // ---- the parties ----------------------------------------------------------------
    /// Agree to exactly this version. `hash` is what the device computed over what it shows.
    Assent {
        version: u32,
        hash: String,
    },
    /// Take one's agreement back before signing.
    WithdrawAssent {
        version: u32,
    },

    // ---- everyone who signs: consumer, merchant, mediator --------------------------------
    /// `protected` and `signature` of the JWS, both base64url, over the payload of `version`.
    Sign {
        version: u32,
        protected: String,
        signature: String,
    },
    /// Don't sign; everyone returns to the draft.
    Decline {
        version: u32,
        reason: String,
    },

    // ---- the mediator -----------------------------------------------------------------
    /// Makes a single-use link. The reply alone carries it.
    Invite {
        role: Role,
        name: String,
        side: Option<Side>,
        surface: Surface,
        language: Language,
    },
    RevokeInvitation {
        invitation: InvitationId,
    },
    /// Lets a waiting device in and enrols its key for signing.
    Admit {
        device: DeviceId,
        identity: IdentityCheck,
    },
    /// Notes a better identity check of somebody already in.
    Identify {
        person: PersonId,
        identity: IdentityCheck,
    },
    /// Turns a waiting device away.
    Refuse {
        device: DeviceId,
        reason: String,
    },
    /// Silences somebody at the server, or gives the floor back.
    MutePerson {
        person: PersonId,
        muted: bool,
    },
    Remove {
        person: PersonId,
        reason: String,
    },
    /// Nobody new may knock while locked.
    Lock {
        locked: bool,
    },
    /// Show the mediator's screen.
    ShareScreen {
        on: bool,
    },
    /// Take these people aside.
    Caucus {
        with: Vec<PersonId>,
    },
    /// End the caucus; announced to everyone before microphones open.
    ReturnJoint,
    /// Start drafting terms, visible live to both sides.
    DraftOpen,
    /// Replace the working copy; `rev` is the one this edit was made on.
    DraftEdit {
        rev: u32,
        terms: Vec<Term>,
    },
    /// Put the working copy to the parties as the next version.
    DraftPropose {
        rev: u32,
    },
    /// Back to the conversation; the draft is kept.
    DraftClose,
    /// Start the signing ceremony of the version that both parties assented to.
    SigningOpen {
        version: u32,
    },
    /// Stop for today.
    Adjourn {
        reason: String,
        next_at: Option<Time>,
    },
    /// End without agreement on a ground of Order 121 art. 23.
    Terminate {
        ground: Ground,
        note: String,
    },
}

/// Why a mediation ends without agreement (Order 121 art. 23, items 1 to 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// 1: withdrawn, or settled by the parties themselves.
    Withdrawn,
    /// 2: a party does not take part without good reason, or refuses.
    NotTakingPart,
    /// 3: a party says that no agreement can be reached.
    NoAgreement,
    /// 4: no agreement on the fees of an appraisal.
    AppraisalFees,
    /// 5: 60 days from acceptance have passed.
    TimeLimit,
    /// 6: grounds for refusal, or extortion, came to light.
    RefusalGround,
    /// 7: a person died or an enterprise ended.
    DeathOrEnd,
    /// 8: other legal grounds.
    Other,
}

impl Ground {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::NotTakingPart => "not_taking_part",
            Self::NoAgreement => "no_agreement",
            Self::AppraisalFees => "appraisal_fees",
            Self::TimeLimit => "time_limit",
            Self::RefusalGround => "refusal_ground",
            Self::DeathOrEnd => "death_or_end",
            Self::Other => "other",
        }
    }
}

impl Command {
    /// The word on the wire (`do`).
    pub fn name(&self) -> &'static str {
        match self {
            Self::Say { .. } => "say",
            Self::Mute { .. } => "mute",
            Self::Camera { .. } => "camera",
            Self::RaiseHand { .. } => "raise_hand",
            Self::Leave => "leave",
            Self::Assent { .. } => "assent",
            Self::WithdrawAssent { .. } => "withdraw_assent",
            Self::Sign { .. } => "sign",
            Self::Decline { .. } => "decline",
            Self::Invite { .. } => "invite",
            Self::RevokeInvitation { .. } => "revoke_invitation",
            Self::Admit { .. } => "admit",
            Self::Identify { .. } => "identify",
            Self::Refuse { .. } => "refuse",
            Self::MutePerson { .. } => "mute_person",
            Self::Remove { .. } => "remove",
            Self::Lock { .. } => "lock",
            Self::ShareScreen { .. } => "share_screen",
            Self::Caucus { .. } => "caucus",
            Self::ReturnJoint => "return_joint",
            Self::DraftOpen => "draft_open",
            Self::DraftEdit { .. } => "draft_edit",
            Self::DraftPropose { .. } => "draft_propose",
            Self::DraftClose => "draft_close",
            Self::SigningOpen { .. } => "signing_open",
            Self::Adjourn { .. } => "adjourn",
            Self::Terminate { .. } => "terminate",
        }
    }
}
